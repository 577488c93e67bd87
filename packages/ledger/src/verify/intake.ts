import { CanonicalScanner } from './canonical-scanner.ts'
import type { ExportedRecord, RecordSource } from './exported-record.ts'
import { FindingList, type FindingShard } from './finding-list.ts'
import { LogEvidence, type LogShard } from './log-evidence.ts'
import { isPlainLeaf, type PlainLeaf } from './plain-leaf.ts'
import { compareProjection, isSameService } from './projection.ts'
import {
  readRecordText,
  toHead,
  type BrokenReading,
  type RecordHead,
  type RecordMembers,
} from './record-text.ts'

/** Records between two calls of `onProgress`. */
const PROGRESS_RECORDS = 10_000

/** Who else wants to know what is read. */
export interface IntakeOptions {
  /** Called with the number of records read, every 10,000 and at the end. */
  readonly onProgress?: ((records: number) => void) | undefined
  /** Told of every record that is one, with its text. */
  readonly onRecord?: ((head: RecordHead, text: string) => void) | undefined
  /** It reads for {@link Intake.toShard} only. */
  readonly isShard?: boolean
}

/** Records as a reader gives them, and what it could tell of some by itself. */
export type ReadRecords = Iterable<ReadRecord> | AsyncIterable<ReadRecord | readonly ReadRecord[]>

/** A record, or what is left of one that its reader took for good. */
export type ReadRecord = ExportedRecord | PlainLeaf

/** What one thread has read of an export; plain data, for `postMessage`. */
export interface IntakeShard {
  readonly records: number
  readonly identities: number
  readonly findings: FindingShard
  readonly logs: readonly LogShard[]
}

/** Reads an export record by record. */
export class Intake {
  readonly logs: Map<string, LogEvidence> = new Map()
  readonly findings: FindingList = new FindingList()
  records = 0
  identities = 0
  readonly #scanner = new CanonicalScanner()
  readonly #options: IntakeOptions
  #last: LogEvidence | undefined

  constructor(options: IntakeOptions) {
    this.#options = options
  }

  /** Reads all records, without a promise for each where there is nothing to wait for. */
  async takeAll(records: ReadRecords): Promise<void> {
    if (!(Symbol.asyncIterator in records)) this.#takeSome(records)
    else {
      for await (const some of records) {
        if (isBatch(some)) this.#takeSome(some)
        else this.#takeSome([some])
      }
    }
    this.#options.onProgress?.(this.records)
  }

  /** What was read, for {@link merge} in another thread. */
  toShard(): IntakeShard {
    return {
      records: this.records,
      identities: this.identities,
      findings: this.findings.toShard(),
      logs: [...this.logs.values()].map((log) => log.toShard()),
    }
  }

  /** Takes in what another thread has read. */
  merge(shard: IntakeShard): void {
    this.records += shard.records
    this.identities += shard.identities
    this.findings.merge(shard.findings)
    for (const log of shard.logs) this.#evidence(log.origin).merge(log)
    this.#options.onProgress?.(this.records)
  }

  #takeSome(records: Iterable<ReadRecord>): void {
    for (const record of records) {
      if (++this.records % PROGRESS_RECORDS === 0) this.#options.onProgress?.(this.records)
      if (isPlainLeaf(record)) this.#takeLeaf(record)
      else this.#take(record)
    }
  }

  #takeLeaf(leaf: PlainLeaf): void {
    this.#evidence(leaf.log).addLeaf(leaf)
    if (!isSameService(leaf.serviceName, leaf.log)) this.#addDiffering('service.name', leaf, leaf)
  }

  #take(exported: ExportedRecord): void {
    const body: unknown = exported.body
    const text = typeof body === 'string' ? body : ''
    const head = this.#scanner.scan(text)
    if (head !== undefined) {
      this.#takeRecord(exported, head)
      return
    }
    const reading = readRecordText(text)
    if (reading.status === 'identity') this.identities++
    else if (reading.status === 'record')
      this.#takeRecord(exported, toHead(reading.record), reading.record)
    else this.#takeBroken(exported, reading)
  }

  #takeRecord(exported: ExportedRecord, record: RecordHead, members?: RecordMembers): void {
    this.#evidence(record.log).add(record, exported.body)
    this.#options.onRecord?.(record, exported.body)
    for (const attribute of compareProjection(exported, record, members)) {
      this.#addDiffering(attribute, record, exported)
    }
  }

  #addDiffering(
    attribute: string,
    { log, index }: { readonly log: string; readonly index: number },
    read: ReadRecord,
  ): void {
    const message = `${attribute} differs from the record's text`
    const place = { log, index, attribute, ...pickSource(read) }
    this.findings.add({ verdict: 'PROJECTION_DIFFERS', message, ...place })
  }

  #takeBroken(exported: ExportedRecord, { log, index, problem }: BrokenReading): void {
    if (log !== undefined && index !== undefined) {
      this.#evidence(log).addBroken(exported.body, index)
    }
    this.findings.add({
      verdict: 'ALTERED',
      ...(log !== undefined && { log }),
      ...(index !== undefined && { index }),
      message: problem,
      ...pickSource(exported),
    })
  }

  #evidence(origin: string): LogEvidence {
    if (this.#last?.origin === origin) return this.#last
    let evidence = this.logs.get(origin)
    if (evidence === undefined) {
      evidence = new LogEvidence(origin, this.#options.isShard)
      this.logs.set(origin, evidence)
    }
    this.#last = evidence
    return evidence
  }
}

function pickSource({ source }: ReadRecord): { readonly source?: RecordSource } {
  return source === undefined ? {} : { source }
}

function isBatch(some: ReadRecord | readonly ReadRecord[]): some is readonly ReadRecord[] {
  return Array.isArray(some)
}
