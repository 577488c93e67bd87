import type { Identity, RecordDraft } from '@tokentrail/session'

/** A record that waits for the journal. */
export interface WaitingRecord {
  readonly record: RecordDraft
  readonly identities: readonly Identity[]
  /** When it is dropped, in milliseconds of the monotonic clock. */
  readonly deadline: number
  readonly settled: Promise<void>
  /** It was kept, or it was dropped. */
  readonly settle: () => void
}

/** Most records that wait: memory stays bounded however long the disk is full. */
const MAX_WAITING = 4_000

/**
 * Records that the journal does not take at present, in order, under the policy `block`.
 *
 * Owner: the record keeper.
 */
export class Backlog {
  readonly #waiting: WaitingRecord[] = []

  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }

  get first(): WaitingRecord | undefined {
    return this.#waiting[0]
  }

  /** Resolves when all that wait now were kept or dropped. */
  get settled(): Promise<void> | undefined {
    return this.#waiting.at(-1)?.settled
  }

  /** @returns `false` when no more can wait. */
  add(record: RecordDraft, identities: readonly Identity[], deadline: number): boolean {
    if (this.#waiting.length >= MAX_WAITING) return false
    let settle: () => void = () => undefined
    const settled = new Promise<void>((resolve) => (settle = resolve))
    this.#waiting.push({ record, identities, deadline, settled, settle })
    return true
  }

  /** The first was kept or dropped: whoever waits for it goes on. */
  shift(): void {
    this.#waiting.shift()?.settle()
  }
}
