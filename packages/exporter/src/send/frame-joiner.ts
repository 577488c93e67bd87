import { crc32 } from 'node:zlib'
import { readFrameHead } from '../journal/frame.ts'
import { JoinedCrc } from '../journal/joined-crc.ts'
import { JoinedFrames } from './joined-frames.ts'

/** Frames that were joined where they stood. */
export interface Joining {
  readonly frames: JoinedFrames
  /** Where the first frame begins that is not among them. */
  readonly at: number
  readonly nextIndex: number
  /** Whether more frames would not have fitted. */
  readonly isFull: boolean
}

/** Most of what one batch may hold. */
export interface BatchLimits {
  readonly maxBatchRecords: number
  readonly maxBatchBytes: number
}

const COMMA = 0x2c

/** Makes what is sent out of what was read, in the same buffer: each frame moves over its head. */
export class FrameJoiner {
  readonly #limits: BatchLimits
  readonly #places: Uint32Array
  readonly #crc: JoinedCrc = new JoinedCrc()

  constructor(limits: BatchLimits) {
    this.#limits = limits
    this.#places = new Uint32Array(limits.maxBatchRecords + 1)
  }

  /**
   * Joins the whole frames from `start` on, up to `end`, as many as fit.
   *
   * @param nextIndex - Lowest index that the first of them may have.
   * @returns `undefined` when they are none, or not all plainly the next ones: damaged, erased, or
   *   there twice. What was read is overwritten then, too.
   */
  join(buffer: Buffer, start: number, end: number, nextIndex: number): Joining | undefined {
    const { maxBatchBytes, maxBatchRecords } = this.#limits
    const places = this.#places
    let crc = 0
    let at = start
    let to = start
    let count = 0
    let next = nextIndex
    let isFull = false
    while (count < maxBatchRecords) {
      const found = readFrameHead(buffer, at, end)
      if (typeof found === 'string') break
      if (found.index < next || found.kind === 'erased') return undefined
      const length = found.end - found.start
      const bytes = to - start + length + 1
      isFull = count + 1 >= maxBatchRecords || bytes >= maxBatchBytes
      if (count > 0 && bytes > maxBatchBytes) break
      crc = this.#crc.append(crc, buffer, at, length, count === 0)
      buffer.copyWithin(to, found.start, found.end)
      places[count] = to
      to += length
      buffer[to] = COMMA
      to += 1
      count += 1
      next = found.kind === 'record' ? found.index + 1 : found.index
      at = found.end
    }
    places[count] = to
    if (count === 0 || crc32(buffer.subarray(start, to - 1)) !== crc) return undefined
    return { frames: new JoinedFrames(buffer, places, 0, count, crc), at, nextIndex: next, isFull }
  }
}
