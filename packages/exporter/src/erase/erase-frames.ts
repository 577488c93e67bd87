import {
  type Frame,
  FRAME_OVERHEAD_BYTES,
  eraseFrame,
  frameText,
  readFrame,
} from '../journal/frame.ts'
import { SEGMENT_HEADER_BYTES, decodeSegmentHeader } from '../journal/segment.ts'
import { type ErasedIdentities, listNeedles, pseudonymOfIdentity } from './identities.ts'

/** A range of bytes that was changed. */
export interface ChangedRange {
  readonly start: number
  readonly end: number
}

/** What {@link eraseFromBytes} changed in a buffer. */
export interface ErasedBytes {
  readonly identities: number
  readonly blankedBytes: number
  readonly ranges: readonly ChangedRange[]
}

/**
 * Erases identities in bytes of a journal, in place and without moving a byte: whole frames become
 * erased ones; of bytes that are no frame (torn, damaged, set aside) those runs are blanked that
 * hold one of the pseudonyms or clear values. Records are left alone: they hold none.
 */
export function eraseFromBytes(buffer: Buffer, identities: ErasedIdentities): ErasedBytes {
  const needles = listNeedles(identities)
  const ranges: ChangedRange[] = []
  let erased = 0
  let blankedBytes = 0
  let at = decodeSegmentHeader(buffer) === undefined ? 0 : SEGMENT_HEADER_BYTES
  while (at < buffer.length) {
    const frame = readFrame(buffer, at, buffer.length)
    if (typeof frame === 'object') {
      if (isErasable(buffer, frame, identities)) {
        eraseFrame(buffer, frame)
        ranges.push({ start: at, end: frame.end })
        erased++
      }
      at = frame.end
      continue
    }
    const end = findNextFrame(buffer, at + 1)
    if (holdsAny(buffer.subarray(at, end), needles)) {
      buffer.fill(0, at, end)
      ranges.push({ start: at, end })
      blankedBytes += end - at
    }
    at = end
  }
  return { identities: erased, blankedBytes, ranges }
}

function isErasable(buffer: Buffer, frame: Frame, { pseudonyms }: ErasedIdentities): boolean {
  if (frame.kind !== 'identity') return false
  const pseudonym = pseudonymOfIdentity(frameText(buffer, frame))
  return pseudonym !== undefined && pseudonyms.has(pseudonym)
}

/** Where the next whole frame begins, whatever its index is. */
function findNextFrame(buffer: Buffer, from: number): number {
  for (let at = from; at + FRAME_OVERHEAD_BYTES <= buffer.length; at++) {
    if (typeof readFrame(buffer, at, buffer.length) === 'object') return at
  }
  return buffer.length
}

function holdsAny(bytes: Buffer, needles: readonly Buffer[]): boolean {
  return needles.some((needle) => bytes.includes(needle))
}
