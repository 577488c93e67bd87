import type { UnreadablePart } from '@tokentrail/exporter'

/** Parts that are kept; a file of another kind has as many as it has lines. */
const MAX_KEPT = 1_000

/** What of an input could not be read: the first parts, and how many there are. */
export class UnreadableParts {
  readonly #kept: UnreadablePart[] = []
  #count = 0

  /** Counts a part, and keeps it if it is one of the first 1,000. */
  add(part: UnreadablePart): void {
    this.#count += 1
    if (this.#kept.length < MAX_KEPT) this.#kept.push(part)
  }

  /** The first parts, at most 1,000. */
  get kept(): readonly UnreadablePart[] {
    return this.#kept
  }

  get count(): number {
    return this.#count
  }
}
