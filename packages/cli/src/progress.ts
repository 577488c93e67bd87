import type { ReadProgress } from '@tokentrail/exporter'
import type { Io } from './io.ts'

/** Least time between two reports, in nanoseconds. */
const INTERVAL_NANOS = 1_000_000_000n

/**
 * Tells a person who watches how far a long input has been read: by bytes, so that it moves where
 * there are no records too, once a second at most, always on the same line. Nobody else sees it.
 */
export class Progress {
  readonly #io: Io
  readonly #quiet: boolean
  #records = 0
  #next: bigint
  #shown = 0

  /** @param quiet - Says nothing at all. */
  constructor(io: Io, quiet = false) {
    this.#io = io
    this.#quiet = quiet || !io.interactive
    this.#next = io.unixNanos() + INTERVAL_NANOS
  }

  /** Notes how many records there are so far. */
  count(records: number): void {
    this.#records = records
  }

  /** Reports where reading is, if it is time to. */
  tell({ readBytes, totalBytes }: ReadProgress): void {
    if (this.#quiet || this.#io.unixNanos() < this.#next) return
    this.#next = this.#io.unixNanos() + INTERVAL_NANOS
    const share = totalBytes === 0 ? '' : `${Math.floor((100 * readBytes) / totalBytes)} % read, `
    const text = `${share}${this.#records.toLocaleString('en-US')} records`
    this.#io.status(text.padEnd(this.#shown))
    this.#shown = text.length
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#shown > 0) this.#io.status(' '.repeat(this.#shown))
  }
}
