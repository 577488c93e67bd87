/** Pieces no larger than this are given out, so that what is made of them stays bounded. */
const PIECE_BYTES = 16_384

/** Bytes of a source, taken as they are needed. */
export class ByteQueue {
  readonly #source: AsyncIterator<Buffer>
  #held: Buffer = Buffer.alloc(0)

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  /** Tells whether so many bytes are left, reading on as far as it takes. */
  async has(bytes: number): Promise<boolean> {
    while (this.#held.length < bytes) {
      const next = await this.#source.next()
      if (next.done) return false
      this.#held = this.#held.length === 0 ? next.value : Buffer.concat([this.#held, next.value])
    }
    return true
  }

  /** Takes bytes that {@link has} has seen. */
  take(bytes: number): Buffer {
    const taken = this.#held.subarray(0, bytes)
    this.#held = this.#held.subarray(bytes)
    return taken
  }

  /** Takes what is at hand, at most 16 KiB. */
  takeSome(): Buffer {
    return this.take(Math.min(PIECE_BYTES, this.#held.length))
  }

  putBack(bytes: Buffer): void {
    this.#held = Buffer.concat([bytes, this.#held])
  }
}
