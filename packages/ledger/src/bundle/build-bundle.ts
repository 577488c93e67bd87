import type { JWK } from 'jose'
import { hashLeaf } from '../hash.ts'
import { isEqualBytes } from '../bytes.ts'
import { RECOVERED_TYPE } from '../recovered-record.ts'
import { analyzeExport, type ExportAnalysis } from '../verify/analyze-export.ts'
import { CanonicalScanner } from '../verify/canonical-scanner.ts'
import type { ExportedRecord, ExportedRecords } from '../verify/exported-record.ts'
import { Intake } from '../verify/intake.ts'
import { toHead, readRecordText, type RecordHead } from '../verify/record-text.ts'
import {
  buildBundleLog,
  chooseHead,
  collectLeaves,
  type SelectedRecord,
  type UnprovenRecord,
} from './bundle-writer.ts'
import type { BundleLog, BundleSubject, ProofBundle } from './proof-bundle.ts'
import { TOKEN_TYPE, readFingerprint } from './token-join.ts'

/** An export that can be read again from its beginning. */
export interface ReadExport {
  (): ExportedRecords
}

/** How a bundle is built. */
export interface BuildBundleOptions {
  /** Public Ed25519 root keys that a log's certificate must chain to. */
  readonly roots: readonly JWK[]
  readonly about: BundleSubject
  /** Called with the number of records read. */
  readonly onProgress?: (records: number) => void
}

/** What became of it. */
export type BundleOutcome =
  | { readonly status: 'proven'; readonly bundle: ProofBundle; readonly records: number }
  /** The export holds no such record. */
  | { readonly status: 'absent' }
  /** Records that no signed root covers, or that are not what it covers; no bundle is made. */
  | { readonly status: 'unproven'; readonly records: readonly UnprovenRecord[] }

/**
 * Builds a bundle that proves records to somebody who has nothing but it and the public root key:
 * the records of a session, or one record, with the `oauth.token.observed` records that their
 * fingerprints join. The export is read twice. What proves them must be in it: the log from its
 * beginning, or the checkpoint records that carry its leaves.
 *
 * @throws TypeError for a subject that cannot be. An error of the reader is passed on.
 */
export async function buildProofBundle(
  read: ReadExport,
  options: BuildBundleOptions,
): Promise<BundleOutcome> {
  const selection = new Selection(options.about)
  const intake = new Intake({
    onProgress: options.onProgress,
    onRecord: (head, text) => selection.take(head, text),
  })
  await intake.takeAll(read())
  if (selection.records.size === 0) return { status: 'absent' }
  await joinTokens(read(), selection)
  return new BundleBuilder(await analyzeExport(intake, { roots: options.roots }), selection).build(
    options.about,
  )
}

/** The records that a bundle is to prove, and those that others are proven by. */
class Selection {
  readonly records = new Map<string, SelectedRecord>()
  /** Texts of `log.recovered` records by log and index. */
  readonly recovered = new Map<string, SelectedRecord>()
  /** Fingerprints of the tokens that were used, with the log. */
  readonly tokens = new Set<string>()
  readonly #about: BundleSubject

  constructor(about: BundleSubject) {
    this.#about = about
  }

  take({ log, index, type, session }: RecordHead, text: string): void {
    const uid = `${log}.${index}`
    if (type === RECOVERED_TYPE) this.recovered.set(uid, { log, index, text })
    const isMeant =
      'session' in this.#about ? session === this.#about.session : uid === this.#about.record
    if (!isMeant) return
    this.records.set(`${uid} ${text}`, { log, index, text })
    const fingerprint = readFingerprint(text)
    if (fingerprint !== undefined) this.tokens.add(`${log} ${fingerprint}`)
  }

  takeToken({ log, index, type }: RecordHead, text: string): void {
    if (type !== TOKEN_TYPE) return
    const fingerprint = readFingerprint(text)
    if (fingerprint === undefined || !this.tokens.has(`${log} ${fingerprint}`)) return
    this.records.set(`${log}.${index} ${text}`, { log, index, text })
  }
}

async function joinTokens(records: ExportedRecords, selection: Selection): Promise<void> {
  const scanner = new CanonicalScanner()
  const take = ({ body }: ExportedRecord): void => {
    if (!body.includes(TOKEN_TYPE)) return
    const head = scanner.scan(body) ?? readHead(body)
    if (head !== undefined) selection.takeToken(head, body)
  }
  for await (const some of records as AsyncIterable<ExportedRecord | readonly ExportedRecord[]>) {
    if ('body' in some) take(some)
    else some.forEach(take)
  }
}

function readHead(body: string): RecordHead | undefined {
  const reading = readRecordText(body)
  return reading.status === 'record' ? toHead(reading.record) : undefined
}

/** One use. */
class BundleBuilder {
  readonly #analysis: ExportAnalysis
  readonly #selection: Selection
  readonly #unproven: UnprovenRecord[] = []

  constructor(analysis: ExportAnalysis, selection: Selection) {
    this.#analysis = analysis
    this.#selection = selection
  }

  build(about: BundleSubject): BundleOutcome {
    const wanted = this.#groupByLog()
    const logs = new Map<string, BundleLog>()
    // A log that is proven by its successor adds a record of that one.
    for (const [origin, records] of wanted) {
      const built = this.#buildLog(origin, records)
      if (built === undefined) continue
      logs.set(origin, built)
      const recovery = this.#recoveryOf(built)
      if (recovery === undefined) continue
      const others = wanted.get(recovery.log) ?? []
      if (others.some(({ index }) => index === recovery.index)) continue
      // Deleted and set again, it comes once more, with this record too.
      wanted.delete(recovery.log)
      wanted.set(recovery.log, [...others, recovery])
    }
    if (this.#unproven.length > 0) return { status: 'unproven', records: this.#unproven }
    const sorted = [...logs.values()].sort((a, b) => (a.log < b.log ? -1 : 1))
    return {
      status: 'proven',
      bundle: { about, logs: sorted },
      records: this.#selection.records.size,
    }
  }

  #groupByLog(): Map<string, SelectedRecord[]> {
    const groups = new Map<string, SelectedRecord[]>()
    for (const record of this.#selection.records.values()) {
      const group = groups.get(record.log)
      if (group === undefined) groups.set(record.log, [record])
      else group.push(record)
    }
    return groups
  }

  #buildLog(origin: string, records: readonly SelectedRecord[]): BundleLog | undefined {
    const log = this.#analysis.logs.get(origin)!
    const sorted = records.toSorted((a, b) => a.index - b.index)
    const refuse = (reason: string): undefined => {
      for (const { index } of sorted) this.#unproven.push({ log: origin, index, reason })
    }
    const certificate = log.key?.encoded
    if (certificate === undefined) return refuse(log.keyProblem ?? 'its log has no certificate')
    const head = chooseHead(log, sorted.at(-1)!.index)
    if (head === undefined) return refuse('no signed checkpoint covers it yet')
    const leaves = collectLeaves(log, head)
    if (leaves === undefined) return refuse('the export lacks a part of its log before it')
    const altered = sorted.filter(
      ({ index, text }) => !isEqualBytes(hashLeaf(text), leaves[index]!),
    )
    for (const { index } of altered) {
      const reason = 'it is not the record that the log has signed'
      this.#unproven.push({ log: origin, index, reason })
    }
    return altered.length > 0
      ? undefined
      : buildBundleLog(origin, certificate, head, leaves, sorted)
  }

  #recoveryOf({ head }: BundleLog): SelectedRecord | undefined {
    if (!('recovered' in head)) return undefined
    return this.#selection.recovered.get(`${head.recovered.log}.${head.recovered.index}`)
  }
}
