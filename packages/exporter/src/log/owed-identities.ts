import type { Identity } from '@tokentrail/session'

/** Most identities that are remembered; of a longer outage some pseudonyms stay without a name. */
const MAX_OWED = 1_000

/**
 * Identities of records that were lost. Whoever records says each once per log, so they go with the
 * next record that is kept.
 */
export class OwedIdentities {
  readonly #byPseudonym: Map<string, Identity> = new Map()

  get isEmpty(): boolean {
    return this.#byPseudonym.size === 0
  }

  add(identities: readonly Identity[]): void {
    for (const identity of identities) {
      if (this.#byPseudonym.size < MAX_OWED) this.#byPseudonym.set(identity.pseudonym, identity)
    }
  }

  /**
   * Hands over some of them, and forgets those.
   *
   * @param write - Throws where they cannot be kept; then they stay owed.
   */
  settle(write: (owed: readonly Identity[]) => void): void {
    const owed = [...this.#byPseudonym.values()].slice(0, MAX_AT_ONCE)
    write(owed)
    for (const { pseudonym } of owed) this.#byPseudonym.delete(pseudonym)
  }
}

/** So that one write stays small: the reserve frees room in steps. */
const MAX_AT_ONCE = 100
