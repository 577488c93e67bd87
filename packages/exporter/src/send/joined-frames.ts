/** Wire bytes of records, in order: an array of them, or what a journal gave, joined already. */
export interface Frames extends Iterable<Buffer> {
  readonly length: number
  slice(start?: number, end?: number): Frames
}

/** Frames that stand behind one another in one buffer, a byte between each two of them. */
export class JoinedFrames implements Frames {
  readonly #buffer: Buffer
  readonly #places: Uint32Array
  readonly #first: number
  readonly #last: number
  /** CRC-32 of all of it, commas included; `undefined` for a part. */
  readonly crc: number | undefined

  /**
   * @param places - Where each frame begins, and one more: a byte behind the end of the last.
   * @param last - Number of the frame behind the last one.
   */
  constructor(
    buffer: Buffer,
    places: Uint32Array,
    first: number,
    last: number,
    crc: number | undefined,
  ) {
    this.#buffer = buffer
    this.#places = places
    this.#first = first
    this.#last = last
    this.crc = crc
  }

  get length(): number {
    return this.#last - this.#first
  }

  /** Bytes of all of it. */
  get byteLength(): number {
    return this.length === 0 ? 0 : this.#place(this.#last) - 1 - this.#place(this.#first)
  }

  slice(start: number = 0, end: number = this.length): JoinedFrames {
    const first = Math.min(this.#first + start, this.#last)
    const last = Math.max(first, Math.min(this.#first + end, this.#last))
    const isWhole = first === this.#first && last === this.#last
    return new JoinedFrames(this.#buffer, this.#places, first, last, isWhole ? this.crc : undefined)
  }

  *[Symbol.iterator](): Generator<Buffer> {
    for (let frame = this.#first; frame < this.#last; frame++) {
      yield this.#buffer.subarray(this.#place(frame), this.#place(frame + 1) - 1)
    }
  }

  /**
   * Writes something before and behind all of the frames, where there is room and nothing that is
   * still needed: around a part there never is.
   *
   * @returns The whole of it, valid as long as the frames are; `undefined` without room.
   */
  surround(before: Buffer, behind: Buffer): Buffer | undefined {
    if (this.crc === undefined) return undefined
    const start = this.#place(this.#first) - before.length
    const end = this.#place(this.#last) - 1
    if (start < 0 || end + behind.length > this.#buffer.length) return undefined
    before.copy(this.#buffer, start)
    behind.copy(this.#buffer, end)
    return this.#buffer.subarray(start, end + behind.length)
  }

  #place(frame: number): number {
    return this.#places[frame] ?? 0
  }
}
