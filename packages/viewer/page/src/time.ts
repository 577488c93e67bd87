const NANOS_PER_MILLI = 1_000_000n

/**
 * A moment as the page handles it: whole milliseconds for showing, and the exact UTC text with
 * every digit that the record gave.
 */
export interface Moment {
  readonly millis: number
  /** ISO 8601 in UTC, with as many digits as were known. */
  readonly utc: string
}

/** Locale and time zone; by default those of the reader. */
export interface TimeFormatOptions {
  readonly locale?: string
  readonly timeZone?: string
}

/** Shows moments in the reader's own time. */
export interface TimeFormat {
  /** `21:40:01` today, `24 Nov 21:40:01` this year, else with the year. */
  short(moment: Moment, nowMillis: number): string
  /** Date and time to the millisecond. */
  long(moment: Moment): string
}

/**
 * Reads decimal nanoseconds since 1970 UTC or an ISO 8601 text. Returns `null` for anything else,
 * so that an odd value is shown as it came instead of as a wrong date.
 */
export function parseMoment(text: string): Moment | null {
  if (/^\d{1,19}$/.test(text)) {
    const nanos = BigInt(text)
    const millis = Number(nanos / NANOS_PER_MILLI)
    const fraction = (nanos % 1_000_000_000n).toString().padStart(9, '0')
    return { millis, utc: `${new Date(millis).toISOString().slice(0, 19)}.${fraction}Z` }
  }
  // Date.parse alone takes "-1" for a day of the year 2001.
  const millis = /^\d{4}-\d{2}-\d{2}T/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(millis) ? null : { millis, utc: new Date(millis).toISOString() }
}

/** Builds a {@link TimeFormat}; the formatters behind it are made once, for tables redraw often. */
export function createTimeFormat(options: TimeFormatOptions = {}): TimeFormat {
  const { locale, timeZone } = options
  const zone = timeZone === undefined ? {} : { timeZone }
  const clock = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const
  const time = new Intl.DateTimeFormat(locale, { ...zone, ...clock })
  const day = new Intl.DateTimeFormat(locale, { ...zone, day: 'numeric', month: 'short' })
  const date = new Intl.DateTimeFormat(locale, { ...zone, dateStyle: 'medium' })
  const exact = new Intl.DateTimeFormat(locale, { ...zone, ...clock, fractionalSecondDigits: 3 })
  return {
    short(moment, nowMillis) {
      const today = date.format(nowMillis)
      const then = date.format(moment.millis)
      const clockText = time.format(moment.millis)
      if (today === then) return clockText
      const sameYear = new Date(nowMillis).getFullYear() === new Date(moment.millis).getFullYear()
      return `${sameYear ? day.format(moment.millis) : then} ${clockText}`
    },
    long: (moment) => `${date.format(moment.millis)}, ${exact.format(moment.millis)}`,
  }
}

/** Writes a span of time in its two largest units: `0.4 s`, `12 s`, `3 min 5 s`, `2 h 10 min`. */
export function formatDuration(millis: number): string {
  const seconds = Math.max(0, millis) / 1_000
  if (seconds < 10) return `${(Math.floor(seconds * 10) / 10).toString()} s`
  const whole = Math.floor(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3_600) return joinUnits(Math.floor(whole / 60), 'min', whole % 60, 's')
  if (whole < 86_400) return joinUnits(Math.floor(whole / 3_600), 'h', minutes(whole), 'min')
  return joinUnits(Math.floor(whole / 86_400), 'd', Math.floor((whole % 86_400) / 3_600), 'h')
}

/** Writes how long ago a moment was, in its largest unit alone: `now`, `12 s ago`, `3 min ago`. */
export function formatAge(moment: Moment, nowMillis: number): string {
  const age = nowMillis - moment.millis
  if (age < 2_000) return 'now'
  const whole = formatDuration(Math.floor(age / 1_000) * 1_000)
  return `${whole.split(' ').slice(0, 2).join(' ')} ago`
}

function minutes(seconds: number): number {
  return Math.floor((seconds % 3_600) / 60)
}

function joinUnits(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`
}
