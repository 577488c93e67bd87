import type { Clock } from '@tokentrail/session'

/**
 * Creates a clock that follows the system's wall clock and orders events within a millisecond.
 *
 * `Date.now()` alone gives thousands of requests the same time; a monotonic clock alone drifts from
 * the wall clock over days. So the monotonic one counts from an anchor, which is set anew when the
 * two differ by more than a millisecond.
 */
export function createSystemClock(): Clock {
  let anchorNanos = 0n
  let anchorMonotonic = 0n
  return {
    unixNanos(): bigint {
      const monotonic = process.hrtime.bigint()
      const wall = BigInt(Date.now()) * 1_000_000n
      const counted = anchorNanos + (monotonic - anchorMonotonic)
      if (counted >= wall && counted < wall + 2_000_000n) return counted
      anchorNanos = wall
      anchorMonotonic = monotonic
      return wall
    },
  }
}
