import type { Clock } from '@tokentrail/session'

/** Knows whether an issuer answers, and tells an operator of changes. Owned by one verification. */
export interface IssuerHealth {
  /** Why it does not answer; undefined while it does. */
  readonly reason: string | undefined
  failed(reason: string): void
  succeeded(): void
}

/** Shortest time between two lines that an issuer does not answer: tokens must not write logs. */
const QUIET_NANOS = 60_000_000_000n

/** Creates the health of one issuer. */
export function createIssuerHealth(
  issuer: string,
  clock: Clock,
  onHealth: (line: string) => void,
): IssuerHealth {
  let reason: string | undefined
  let toldAt: bigint | undefined
  let isTold = false

  return {
    get reason() {
      return reason
    },
    failed(why) {
      reason = why
      const now = clock.unixNanos()
      if (isTold || (toldAt !== undefined && now - toldAt < QUIET_NANOS)) return
      toldAt = now
      isTold = true
      onHealth(`Tokens of ${issuer} cannot be verified here: ${why}. Records do without.`)
    },
    succeeded() {
      reason = undefined
      if (!isTold) return
      isTold = false
      onHealth(`Tokens of ${issuer} are verified here again.`)
    },
  }
}
