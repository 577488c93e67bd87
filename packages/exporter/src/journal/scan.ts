import { FRAME_OVERHEAD_BYTES, type Frame, readFrame } from './frame.ts'

/** A run of bytes of a segment that are no frame. */
export interface Damage {
  readonly offset: number
  readonly length: number
  /** Lowest index that a record in it can have had, and the highest, as far as it is known. */
  readonly firstIndex?: number
  readonly lastIndex?: number
}

/** What {@link scanFrames} finds, in the order of the file. */
export type Scanned =
  | { readonly type: 'frame'; readonly frame: Frame }
  /** Bytes between two good frames. */
  | { readonly type: 'damage'; readonly damage: Damage }
  /** Bytes behind the last good frame: a torn write, when this is where a log ends. */
  | { readonly type: 'tail'; readonly damage: Damage }

/** How far the index of the next good frame may lie ahead, behind damage. */
const MAX_INDEX_GAP = 1_000_000

/**
 * Reads frames from `offset` to the end of `buffer`. Behind bytes that are no frame it goes on with
 * the next bytes that are one: a checksum alone never discards what can be read.
 *
 * @param nextIndex - The lowest index that the next frame can have.
 */
export function* scanFrames(
  buffer: Buffer,
  offset: number,
  nextIndex: number,
): Generator<Scanned, void, undefined> {
  let at = offset
  let lowest = nextIndex
  while (at < buffer.length) {
    const found = readFrame(buffer, at, buffer.length)
    if (typeof found === 'object') {
      yield { type: 'frame', frame: found }
      lowest = found.kind === 'record' ? found.index + 1 : found.index
      at = found.end
      continue
    }
    const next = findFrame(buffer, at + 1, lowest)
    const damage = { offset: at, length: (next?.at ?? buffer.length) - at, firstIndex: lowest }
    if (next === undefined) {
      yield { type: 'tail', damage }
      return
    }
    yield { type: 'damage', damage: upTo(damage, next.index) }
    at = next.at
  }
}

/** What {@link findFrame} finds. */
export interface FoundFrame {
  readonly at: number
  readonly index: number
}

/** Finds where the next frame with a plausible index starts, byte by byte. */
export function findFrame(buffer: Buffer, from: number, lowest: number): FoundFrame | undefined {
  for (let at = from; at + FRAME_OVERHEAD_BYTES <= buffer.length; at++) {
    const found = readFrame(buffer, at, buffer.length)
    if (typeof found === 'string') continue
    const { index } = found
    if (index >= lowest && index <= lowest + MAX_INDEX_GAP) return { at, index }
  }
  return undefined
}

/** Says which records can have stood in damage behind which the record `next` comes; perhaps none. */
export function upTo({ offset, length, firstIndex }: Damage, next: number): Damage {
  if (firstIndex === undefined || firstIndex >= next) return { offset, length }
  return { offset, length, firstIndex, lastIndex: next - 1 }
}
