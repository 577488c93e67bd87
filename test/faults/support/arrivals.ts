import { createHash } from 'node:crypto'

/** What of a canonical text is looked at. */
interface Text {
  readonly log: string
  readonly index?: number
  readonly type: string
  readonly prevLog?: string
  readonly attributes?: Readonly<Record<string, unknown>>
}

/** An OTLP log record as it arrived. */
export interface ArrivedRecord {
  readonly uid: string
  readonly text: string
  readonly json: string
}

/** What has arrived of one log. */
export interface ArrivedLog {
  /** Records so far: they came from index 0 on, in order and without a gap. */
  size: number
  /** Numbers of the writer's records. */
  readonly numbers: Set<number>
  /** Records that the log says were lost. */
  lost: number
}

/** Records that did not come before a later one of their log. */
interface Gap {
  readonly log: string
  readonly first: number
  readonly last: number
}

/**
 * Notes what a receiver has accepted, and everything about its order that breaks a promise: a gap,
 * a record before its predecessor, a re-sent record with other bytes.
 */
export class Arrivals {
  readonly logs: Map<string, ArrivedLog> = new Map()
  /** Logs whose end a successor has recorded, as often as it was. */
  readonly spokenFor: string[] = []
  /** How many records there were of each type. */
  readonly types: Map<string, number> = new Map()
  readonly #problems: string[] = []
  readonly #gaps: Gap[] = []
  readonly #digests: Map<string, string> = new Map()
  #repeated = 0

  /** Records that came more than once. */
  get repeated(): number {
    return this.#repeated
  }

  get problems(): string[] {
    return this.problemsBut(() => false)
  }

  /** @param isLost - Records that somebody has signed for as lost: that they did not come is none. */
  problemsBut(isLost: (log: string, first: number, last: number) => boolean): string[] {
    const gaps = this.#gaps
      .filter(({ log, first, last }) => !isLost(log, first, last))
      .map(({ log, first, last }) => `${log} ${last + 1} came where ${first} was due`)
    return [...this.#problems, ...gaps]
  }

  get records(): number {
    return [...this.logs.values()].reduce((sum, { size }) => sum + size, 0)
  }

  /** Takes what one request brought. */
  take(records: readonly ArrivedRecord[]): void {
    for (const record of records) this.#take(record)
  }

  logOf(origin: string): ArrivedLog {
    let log = this.logs.get(origin)
    if (!log) this.logs.set(origin, (log = { size: 0, numbers: new Set(), lost: 0 }))
    return log
  }

  #take({ uid, text, json }: ArrivedRecord): void {
    const digest = createHash('sha256').update(json).digest('base64')
    const before = this.#digests.get(uid)
    this.#digests.set(uid, digest)
    if (before !== undefined) {
      this.#repeated++
      if (before !== digest) this.#problems.push(`${uid} was sent again with other bytes`)
      return
    }
    const record = JSON.parse(text) as Text
    if (record.index !== undefined) this.#note(record, record.index)
  }

  #note({ log, type, attributes, prevLog }: Text, index: number): void {
    const arrived = this.logOf(log)
    if (index > arrived.size) this.#gaps.push({ log, first: arrived.size, last: index - 1 })
    if (index < arrived.size) this.#problems.push(`${log} ${index} came behind its successor`)
    arrived.size = Math.max(arrived.size, index + 1)
    this.types.set(type, (this.types.get(type) ?? 0) + 1)
    const route = attributes?.['http.route']
    if (typeof route === 'string') arrived.numbers.add(Number(route.slice(1)))
    if (type === 'tokentrail.recorder.loss') {
      arrived.lost += Number(attributes?.['tokentrail.loss.count'])
    }
    if (prevLog !== undefined) this.spokenFor.push(prevLog)
  }
}
