import type { VerificationReport } from '@tokentrail/ledger'

/** Tells whether somebody has said of records that they are lost. */
export type IsLost = (log: string | undefined, first: number, last: number) => boolean

interface Told {
  readonly type: string
  readonly log: string
  readonly prevLog?: string
  readonly lost?: readonly (readonly [number, number])[]
  readonly segment?: string
  readonly firstIndex?: number
  readonly lastIndex?: number
}

/** What signed records say is lost, as a verification lists it. */
export function listSignedLosses({ losses }: VerificationReport): IsLost {
  return within(losses.map(({ log, index = 0, lastIndex = -1 }) => [log, index, lastIndex]))
}

/** The same, whether or not a signed root covers what says so. */
export function listToldLosses(texts: readonly string[]): IsLost {
  return within(texts.map((text) => JSON.parse(text) as Told).flatMap(rangesOf))
}

function rangesOf(told: Told): (readonly [string, number, number])[] {
  const { type, log, prevLog = '', lost = [], segment = '', firstIndex = 0, lastIndex = -1 } = told
  if (type === 'tokentrail.log.recovered') {
    return lost.map(([first, last]) => [prevLog, first, last])
  }
  if (type !== 'tokentrail.journal.damage') return []
  const slot = log.slice(0, log.lastIndexOf('/') + 1)
  return [[`${slot}${segment.split('/')[0]}`, firstIndex, lastIndex]]
}

function within(ranges: readonly (readonly [string, number, number])[]): IsLost {
  const lost = new Set(
    ranges.flatMap(([log, first, last]) =>
      Array.from({ length: last - first + 1 }, (_, at) => `${log} ${first + at}`),
    ),
  )
  return (log, first, last) => {
    for (let index = first; index <= last; index++) if (!lost.has(`${log} ${index}`)) return false
    return true
  }
}
