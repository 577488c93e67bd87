import { randomBytes } from 'node:crypto'
import { dirname } from 'node:path'
import type { Disk } from '../disk/disk.ts'
import { closeQuietly, writeFully } from '../disk/files.ts'

/** Content of the file is written in blocks of this size. */
const BLOCK_BYTES = 1024 * 1024

/** What {@link Reserve.give} frees at a time. */
const STEP_BYTES = 256 * 1024

/** Room beyond the reserve that there must be before the disk counts as one that has room. */
const PROBE_BYTES = 64 * 1024

/**
 * Room on the disk that is kept for what has to be said when there is none left: a file of random
 * bytes (a compressing file system would keep no room for others) that is cut, step by step, to
 * make room for records about the log itself. All of it is best effort and nothing throws.
 *
 * Making and refilling: `open(O_EXCL) → write`. Giving: `ftruncate`. It is never flushed: it holds
 * room, not data.
 *
 * BUG: between the cut and the write somebody else may take the room; then the next step is cut. On
 * copy-on-write file systems an overwrite may need room too.
 *
 * Owner: the thread that writes the log.
 */
export class Reserve {
  readonly #disk: Disk
  readonly #path: string
  readonly #bytes: number
  #descriptor: number | undefined
  #size = 0
  /** What it has been already. */
  #largest = 0

  /** @param bytes - Size when it is whole; 0 for none. */
  constructor(disk: Disk, path: string, bytes: number) {
    this.#disk = disk
    this.#path = path
    this.#bytes = bytes
  }

  /** Bytes that it keeps at present. */
  get size(): number {
    return this.#size
  }

  /** Bytes that {@link fill} would take. */
  get missing(): number {
    return this.#bytes - this.#size
  }

  /**
   * Makes it whole, and looks whether there is room beyond it. Where a volume never had room for
   * all of it, it is as large as it was.
   *
   * @returns Whether there is. What could not be made whole stays as it was.
   */
  fill(): boolean {
    return this.#growTo(this.#bytes) || this.#growTo(this.#largest)
  }

  /**
   * Gives up a part of it, so that there is room for a few records.
   *
   * @returns `false` when nothing is left.
   */
  give(): boolean {
    return this.#size > 0 && this.#tryCut(Math.max(0, this.#size - STEP_BYTES))
  }

  /** Gives up all of it: there is nothing more to say. */
  remove(): void {
    try {
      const descriptor = this.#descriptor
      if (descriptor === undefined) return
      this.#descriptor = undefined
      closeQuietly(this.#disk, descriptor)
      this.#size = 0
      this.#disk.remove(this.#path)
    } catch {
      // Whoever adopts the log removes it.
    }
  }

  /** Nothing is tried that the volume says it has no room for: others need what there is. */
  #growTo(bytes: number): boolean {
    const before = this.#size
    try {
      const missing = bytes + PROBE_BYTES - before
      if (this.#disk.freeBytes(dirname(this.#path)) < missing) return false
      this.#grow(bytes + PROBE_BYTES)
      this.#cut(bytes)
      this.#largest = Math.max(bytes, this.#largest)
      return true
    } catch {
      this.#tryCut(before)
      return false
    }
  }

  #grow(size: number): void {
    this.#descriptor ??= this.#disk.open(this.#path, 'create')
    const block = randomBytes(Math.min(BLOCK_BYTES, size))
    while (this.#size < size) {
      const length = Math.min(block.length, size - this.#size)
      writeFully(this.#disk, this.#descriptor, block.subarray(0, length), this.#size)
      this.#size += length
    }
  }

  #tryCut(size: number): boolean {
    try {
      this.#cut(size)
      return true
    } catch {
      return false
    }
  }

  /** A block that did not fit may have left a part of itself behind the size that is known. */
  #cut(size: number): void {
    if (this.#descriptor === undefined) return
    this.#disk.truncate(this.#descriptor, size)
    this.#size = size
  }
}
