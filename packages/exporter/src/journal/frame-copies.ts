const MIN_CAPACITY = 64 * 1024

/** Most bytes that are kept: a disk that hangs must not take the memory of the application. */
const MAX_BYTES = 8 * 1024 * 1024

/**
 * The frames of one file that were not flushed yet. After a failed flush the kernel may drop its
 * own copy of them, so in `disk` mode they stay here until the disk has them. One buffer that
 * grows, so that an append costs a copy and no allocation.
 *
 * Owner: the journal.
 */
export class FrameCopies {
  #buffer: Buffer = Buffer.allocUnsafeSlow(MIN_CAPACITY)
  #length = 0
  #isComplete = true

  /** The frames, or `undefined` once they were more than 8 MiB. */
  get bytes(): Buffer | undefined {
    return this.#isComplete ? this.#buffer.subarray(0, this.#length) : undefined
  }

  add(frames: Uint8Array): void {
    const length = this.#length + frames.length
    if (!this.#isComplete || length > MAX_BYTES) {
      this.#isComplete = false
      this.#buffer = Buffer.alloc(0)
      this.#length = 0
      return
    }
    if (length > this.#buffer.length) this.#grow(length)
    this.#buffer.set(frames, this.#length)
    this.#length = length
  }

  /** Forgets so many bytes from the front: they were flushed. */
  drop(bytes: number): void {
    if (!this.#isComplete) return
    this.#buffer.copyWithin(0, bytes, this.#length)
    this.#length -= bytes
  }

  #grow(length: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.#buffer.length, length))
    this.#buffer.copy(larger, 0, 0, this.#length)
    this.#buffer = larger
  }
}
