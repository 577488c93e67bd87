/** Nanoseconds since 1970 as ISO 8601 UTC with milliseconds; `-` for none. */
export function formatNanos(nanos: string | bigint | null | undefined): string {
  if (nanos === null || nanos === undefined) return '-'
  const millis = Number(BigInt(nanos) / 1_000_000n)
  return Number.isSafeInteger(millis) && Math.abs(millis) <= 8.64e15
    ? new Date(millis).toISOString()
    : '-'
}

/** POSIX seconds as the same; a signature may name any, of which only some are dates. */
export function formatSeconds(seconds: number): string {
  const date = new Date(seconds * 1000)
  return Number.isNaN(date.getTime()) ? `${seconds} s` : date.toISOString()
}
