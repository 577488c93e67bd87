const NANOS_PER_MILLI = 1_000_000n
const MAX_NANOS = 9_223_372_036_854_775_807n
const UNIT_MILLIS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}
const ISO = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:\d{2}))?$/

/** The forms that {@link parseTime} takes, in words. */
export const TIME_FORMS: string =
  'a date (2026-11-24), a time with its zone (2026-11-24T10:00:00Z), ' +
  'a time ago (90s, 15m, 2h, 7d) or nanoseconds since 1970'

/**
 * Reads a point in time. A date alone means its first moment in UTC.
 *
 * @param now - Nanoseconds since 1970 UTC, for times ago.
 * @returns Nanoseconds since 1970 UTC, `undefined` when the text has none of {@link TIME_FORMS}.
 */
export function parseTime(text: string, now: bigint): bigint | undefined {
  const ago = /^([1-9]\d{0,5})([smhd])$/.exec(text)
  if (ago !== null) {
    return now - BigInt(Number(ago[1]) * UNIT_MILLIS[ago[2]!]!) * NANOS_PER_MILLI
  }
  if (/^\d{12,19}$/.test(text)) {
    const nanos = BigInt(text)
    return nanos <= MAX_NANOS ? nanos : undefined
  }
  return parseIso(text)
}

function parseIso(text: string): bigint | undefined {
  const [, date, clock = '00:00', zone = 'Z'] = ISO.exec(text) ?? []
  if (date === undefined) return undefined
  const [wholeClock, fraction = ''] = clock.split('.')
  const millis = Date.parse(`${date}T${wholeClock}${zone}`)
  // Date.parse takes 31 February for 3 March.
  if (Number.isNaN(millis) || !isCalendarDate(date)) return undefined
  const nanos = BigInt(millis) * NANOS_PER_MILLI + BigInt(fraction.padEnd(9, '0'))
  return nanos >= 0n && nanos <= MAX_NANOS ? nanos : undefined
}

function isCalendarDate(date: string): boolean {
  const millis = Date.parse(`${date}T00:00Z`)
  return !Number.isNaN(millis) && new Date(millis).toISOString().startsWith(date)
}
