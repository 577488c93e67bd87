import type { Position } from '../journal/cursor.ts'

/**
 * What the recording thread and the delivery worker share about one log, in 40 bytes:
 *
 * ```text
 * offset size
 *      0    4  committed offset      i32, written by the recording thread
 *      4    4  closed: 1             i32, written by the recording thread
 *      8    4  delivered offset      i32, written by the worker
 *     12    4  progress              i32, counted up by the worker; Atomics.wait here
 *     16    8  committed segment     i64, written by the recording thread
 *     24    8  delivered segment     i64, written by the worker
 *     32    8  delivered frames      i64, counted up by the worker
 * ```
 *
 * Segments are named by their first index; -1 is none. A position is two cells: the offset is put
 * to 0 before the segment changes, and readers take the segment twice.
 */
export class LogControl {
  readonly buffer: SharedArrayBuffer
  readonly #cells: Int32Array<SharedArrayBuffer>
  readonly #segments: BigInt64Array<SharedArrayBuffer>
  /** The writing side's copy, so that an append costs one store. */
  #committedSegment = -1

  constructor(buffer?: SharedArrayBuffer) {
    this.buffer = buffer ?? new SharedArrayBuffer(40)
    this.#cells = new Int32Array(this.buffer, 0, 4)
    this.#segments = new BigInt64Array(this.buffer, 16, 3)
    if (!buffer) this.#segments.fill(-1n, 0, FRAMES)
  }

  /** Recording thread: frames are whole up to here. */
  commit(position: Position): void {
    if (position.segment !== this.#committedSegment) {
      this.#committedSegment = position.segment
      this.#storeSegment(COMMITTED, position)
    }
    Atomics.store(this.#cells, COMMITTED.offset, position.offset)
  }

  committed(): Position | undefined {
    return this.#load(COMMITTED)
  }

  /** Recording thread: nothing will be appended any more. */
  close(): void {
    Atomics.store(this.#cells, CLOSED, 1)
  }

  get isClosed(): boolean {
    return Atomics.load(this.#cells, CLOSED) === 1
  }

  /**
   * Worker: everything before this place was answered with a full success.
   *
   * @param frames - How many frames more than the last time.
   */
  deliver(position: Position, frames: number): void {
    if (frames > 0) Atomics.add(this.#segments, FRAMES, BigInt(frames))
    this.#storeSegment(DELIVERED, position)
    Atomics.store(this.#cells, DELIVERED.offset, position.offset)
    Atomics.add(this.#cells, PROGRESS, 1)
    Atomics.notify(this.#cells, PROGRESS)
  }

  delivered(): Position | undefined {
    return this.#load(DELIVERED)
  }

  /** Frames that were delivered since the control was made. */
  deliveredFrames(): number {
    return Number(Atomics.load(this.#segments, FRAMES))
  }

  isDelivered(): boolean {
    const committed = this.committed()
    const delivered = this.delivered()
    if (!committed) return true
    return delivered?.segment === committed.segment && delivered.offset === committed.offset
  }

  /** Blocks this thread until all that is committed is delivered, or the time is over. */
  waitDelivered(timeoutMillis: number): boolean {
    const end = performance.now() + timeoutMillis
    for (;;) {
      const progress = Atomics.load(this.#cells, PROGRESS)
      if (this.isDelivered()) return true
      const rest = end - performance.now()
      if (rest <= 0) return false
      Atomics.wait(this.#cells, PROGRESS, progress, rest)
    }
  }

  #storeSegment(place: Place, position: Position): void {
    Atomics.store(this.#cells, place.offset, 0)
    Atomics.store(this.#segments, place.segment, BigInt(position.segment))
  }

  #load(place: Place): Position | undefined {
    for (;;) {
      const segment = Atomics.load(this.#segments, place.segment)
      const offset = Atomics.load(this.#cells, place.offset)
      if (segment !== Atomics.load(this.#segments, place.segment)) continue
      return segment < 0n ? undefined : { segment: Number(segment), offset }
    }
  }
}

interface Place {
  /** Cell of the offset. */
  readonly offset: number
  /** Cell of the segment, in 64-bit units. */
  readonly segment: number
}

const COMMITTED: Place = { offset: 0, segment: 0 }
const DELIVERED: Place = { offset: 2, segment: 1 }
/** Cell of the count, in 64-bit units. */
const FRAMES = 2
const CLOSED = 1
const PROGRESS = 3
