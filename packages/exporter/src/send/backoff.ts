/** Bounds of the waits between attempts, in milliseconds. */
export interface BackoffLimits {
  readonly minBackoffMillis: number
  readonly maxBackoffMillis: number
}

/**
 * Returns how long to wait: exponential with full jitter, so that a fleet whose collector comes
 * back does not come back at once.
 *
 * @param attempt - 0 after the first failure.
 * @param random - From 0 to 1.
 */
export function backoffMillis(attempt: number, limits: BackoffLimits, random: number): number {
  const limit = limits.minBackoffMillis * 2 ** Math.min(attempt, 30)
  return Math.ceil(Math.min(limit, limits.maxBackoffMillis) * random)
}
