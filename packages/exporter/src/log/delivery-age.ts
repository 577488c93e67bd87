import type { Position } from '../journal/cursor.ts'

interface Sample {
  readonly end: Position
  readonly atMillis: number
}

/** Most moments that are remembered; then only every second one is, and they come half as often. */
const MAX_SAMPLES = 64

/**
 * Knows how old the oldest record is that was not delivered, from looks at where the log ends, one
 * a second: to within a second at first, and to a few percent of the age later.
 */
export class DeliveryAge {
  #samples: Sample[] = []
  #spacingMillis = 0

  /** Takes a look, and forgets what was delivered. */
  look(committed: Position | undefined, delivered: Position | undefined, nowMillis: number): void {
    this.#samples = this.#samples.filter(({ end }) => isBefore(delivered, end))
    const last = this.#samples.at(-1)
    if (!last) this.#spacingMillis = 0
    if (!committed || !isBefore(delivered, committed)) return
    if (last && !isBefore(last.end, committed)) return
    if (last && nowMillis - last.atMillis < this.#spacingMillis) return
    this.#samples.push({ end: committed, atMillis: nowMillis })
    if (this.#samples.length > MAX_SAMPLES) this.#thin(nowMillis)
  }

  #thin(nowMillis: number): void {
    const age = nowMillis - (this.#samples[0]?.atMillis ?? nowMillis)
    this.#spacingMillis = (2 * age) / MAX_SAMPLES
    this.#samples = this.#samples.filter((_, order) => order % 2 === 0)
  }

  /** Returns the age in seconds; 0 when everything was delivered. */
  seconds(nowMillis: number): number {
    const [oldest] = this.#samples
    return oldest ? Math.max(0, nowMillis - oldest.atMillis) / 1000 : 0
  }
}

function isBefore(a: Position | undefined, b: Position): boolean {
  if (!a) return true
  return a.segment < b.segment || (a.segment === b.segment && a.offset < b.offset)
}
