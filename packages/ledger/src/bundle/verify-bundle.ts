import type { JWK } from 'jose'
import { parseBase64Url } from '../base64.ts'
import { verifyCertificate } from '../certificate.ts'
import { parseCheckpoint } from '../checkpoint.ts'
import { LedgerError } from '../errors.ts'
import { hashLeaf } from '../hash.ts'
import { hasOwnLines } from '../checkpoint-note.ts'
import { formatNote, parseNote } from '../note.ts'
import { verifyInclusion } from '../proof.ts'
import { RECOVERED_TYPE, decodeRecoveredRecord } from '../recovered-record.ts'
import { FindingList } from '../verify/finding-list.ts'
import { createLogKey, readTimestamp, type LogKey } from '../verify/log-key.ts'
import { readRecordText, recordSeconds, toHead, type RecordMembers } from '../verify/record-text.ts'
import type { Finding } from '../verify/report.ts'
import { EXIT_CODES, type FindingVerdict } from '../verify/verdict.ts'
import { type BundleLog, type BundleSubject, parseProofBundle } from './proof-bundle.ts'
import { TOKEN_TYPE, readFingerprint } from './token-join.ts'

/** What a bundle proves of one log. */
export interface ProvenLog {
  readonly log: string
  /** `iss` of its certificate. */
  readonly issuer: string
  readonly selfIssued: boolean
  /** Number of leaves of the tree that the records are in. */
  readonly size: number
  /** POSIX seconds at which the log signed that tree, of a root of its own. */
  readonly signedAt?: number
  /** Origin of the successor that names the root, of a log that could not sign it itself. */
  readonly recoveredBy?: string
}

/** A record that a bundle proves. */
export interface ProvenRecord {
  readonly log: string
  readonly index: number
  readonly type: string
  /** Nanoseconds since 1970 UTC, decimal. */
  readonly time: string
  /** The canonical text. */
  readonly text: string
}

/** The outcome of {@link verifyProofBundle}; plain JSON. */
export interface BundleReport {
  readonly verdict: 'PROVEN' | FindingVerdict
  /** Exit code of a program that prints the verdict. */
  readonly exitCode: number
  readonly about?: BundleSubject
  readonly logs: readonly ProvenLog[]
  /** By log, then index; only those whose proof holds. */
  readonly records: readonly ProvenRecord[]
  readonly findings: readonly Finding[]
  /** What a reader must know, one sentence each. */
  readonly remarks: readonly string[]
}

const REMARKS = [
  'It proves that each record stood in its log, at its index and with this text, when the log was signed.',
  'It does not prove that these are all records of the session: for that, verify the logs themselves.',
  'No outside anchor: another history, signed by the holder of the key, would not be seen.',
]

/**
 * Verifies a bundle offline, with nothing but it and the public root key: certificates, signatures,
 * an inclusion proof for every record, and that each belongs to what the bundle is about. Nothing
 * in a bundle is free, so any byte that was altered is found. It never throws for what it reads.
 */
export async function verifyProofBundle(
  text: string,
  roots: readonly JWK[],
): Promise<BundleReport> {
  const verifier = new BundleVerifier(roots)
  try {
    const { about, logs } = parseProofBundle(text)
    await verifier.verify(about, logs)
    return verifier.report(about)
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error
    verifier.findings.add({ verdict: 'ALTERED', message: error.message })
    return verifier.report()
  }
}

/** A root, and who vouches for it. */
interface Root {
  readonly size: number
  readonly root: Uint8Array
  readonly signedAt?: number
  readonly recoveredBy?: string
}

class BundleVerifier {
  readonly findings = new FindingList()
  readonly #roots: readonly JWK[]
  readonly #proven = new Map<string, ProvenRecord>()
  readonly #logs: ProvenLog[] = []
  readonly #keys = new Map<BundleLog, LogKey>()
  /** Records that prove another log's root, and so need not be of the subject. */
  readonly #witnesses = new Set<string>()

  constructor(roots: readonly JWK[]) {
    this.#roots = roots
  }

  async verify(about: BundleSubject, logs: readonly BundleLog[]): Promise<void> {
    // Those that sign for themselves first: the others rest on their records.
    const waiting = new Set(logs)
    for (let before = -1; waiting.size !== before;) {
      before = waiting.size
      for (const log of waiting) if (await this.#verifyLog(log)) waiting.delete(log)
    }
    for (const { log } of waiting) {
      this.#find('UNKNOWN_KEY', { log }, 'nothing in the bundle proves the root of its records')
    }
    this.#checkSubject(about)
  }

  report(about?: BundleSubject): BundleReport {
    const verdict = this.findings.gravest() ?? 'PROVEN'
    const selfIssued = this.#logs.some((log) => log.selfIssued)
    return {
      verdict,
      exitCode: verdict === 'PROVEN' ? 0 : EXIT_CODES[verdict],
      ...(about !== undefined && { about }),
      logs: this.#logs.toSorted((a, b) => (a.log < b.log ? -1 : 1)),
      records: [...this.#proven.values()].sort(
        (a, b) => (a.log === b.log ? 0 : a.log < b.log ? -1 : 1) || a.index - b.index,
      ),
      findings: this.findings.sorted(),
      remarks: [
        ...REMARKS,
        ...(selfIssued
          ? ['Self-issued certificate: whoever holds the root key could have back-dated a log.']
          : []),
      ],
    }
  }

  /** Tells whether the log is done with: its root is known, good or bad. */
  async #verifyLog(bundled: BundleLog): Promise<boolean> {
    const { log } = bundled
    // A log may have to wait for others; its certificate is looked at once.
    const key = this.#keys.get(bundled) ?? (await this.#readKey(bundled))
    if (key === undefined) return true
    this.#keys.set(bundled, key)
    const root =
      'note' in bundled.head
        ? this.#readNote(bundled.head.note, key, log)
        : this.#readRecovery(bundled)
    if (root === 'later') return false
    if (root === undefined) return true
    this.#verifyRecords(bundled, root, key)
    const { issuer, selfIssued } = key.certificate
    const { root: _, ...known } = root
    this.#logs.push({ log, issuer, selfIssued, ...known })
    return true
  }

  async #readKey({ log, certificate }: BundleLog): Promise<LogKey | undefined> {
    try {
      // Spare bits of base64url would be free, and the signature would hold all the same.
      for (const part of certificate.split('.')) parseBase64Url(part)
      return createLogKey(await verifyCertificate(certificate, this.#roots, log))
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error
      this.#find('UNKNOWN_KEY', { log }, error.message)
      return undefined
    }
  }

  #readNote(noteText: string, key: LogKey, log: string): Root | undefined {
    try {
      const note = parseNote(noteText)
      const { origin, size, root, extensions } = parseCheckpoint(note.text)
      const judgement = key.judge({ note, noteText })
      if (judgement === 'foreign') {
        this.#find(
          'UNKNOWN_KEY',
          { log },
          "the checkpoint is not signed by the log's certified key",
        )
        return undefined
      }
      const isPlain = hasOwnLines(note) && formatNote(note) === noteText
      if (judgement !== 'signed' || !isPlain || origin !== log || extensions !== undefined) {
        throw new LedgerError(
          'ERR_LEDGER_NOTE_MALFORMED',
          'the checkpoint is not as its log makes it',
        )
      }
      const signedAt = readTimestamp({ note }, key)
      if (signedAt !== undefined) this.#checkTime(key, signedAt, { log }, 'checkpoint')
      return { size: Number(size), root, ...(signedAt !== undefined && { signedAt }) }
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error
      this.#find('ALTERED', { log }, error.message)
      return undefined
    }
  }

  #readRecovery({ log, head }: BundleLog): Root | 'later' | undefined {
    if (!('recovered' in head)) return undefined
    const uid = `${head.recovered.log}.${head.recovered.index}`
    const record = this.#proven.get(uid)
    if (record === undefined) return 'later'
    this.#witnesses.add(uid)
    try {
      if (record.type !== RECOVERED_TYPE) {
        throw new LedgerError('ERR_LEDGER_RECORD_MALFORMED', 'what is to name its root does not')
      }
      const { prevLog, prevSize, prevRoot } = decodeRecoveredRecord(
        JSON.parse(record.text) as RecordMembers,
      )
      const isSameService = prevLog.split('/', 1)[0] === record.log.split('/', 1)[0]
      if (prevLog !== log || prevLog === record.log || !isSameService) {
        throw new LedgerError('ERR_LEDGER_RECORD_MALFORMED', 'its successor speaks for another log')
      }
      return { size: prevSize, root: prevRoot, recoveredBy: record.log }
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error
      this.#find('ALTERED', { log }, error.message)
      return undefined
    }
  }

  #verifyRecords({ log, nodes, records }: BundleLog, { size, root }: Root, key: LogKey): void {
    let previous = -1
    for (const { text, path } of records) {
      const reading = readRecordText(text)
      if (reading.status !== 'record' || reading.record.log !== log) {
        this.#find('ALTERED', { log }, 'a text is no record of this log')
        continue
      }
      const { index, type, time } = reading.record
      const place = { log, index }
      if (index <= previous) this.#find('ALTERED', place, 'it is out of order')
      previous = index
      this.#checkTime(key, recordSeconds(toHead(reading.record)), place, 'record')
      try {
        verifyInclusion({
          index: BigInt(index),
          size: BigInt(size),
          leafHash: hashLeaf(text),
          root,
          proof: path.map((node) => nodes[node]!),
        })
        this.#proven.set(`${log}.${index}`, { log, index, type, time, text })
      } catch (error) {
        if (!(error instanceof LedgerError)) throw error
        this.#find('ALTERED', place, error.message)
      }
    }
  }

  #checkSubject(about: BundleSubject): void {
    const own = [...this.#proven].filter(([uid, record]) => isOf(about, uid, record))
    if (own.length === 0) {
      this.#find('MISSING', {}, 'none of its records is of what the bundle is about')
    }
    const tokens = new Set(own.map(([, { log, text }]) => `${log} ${readFingerprint(text) ?? ''}`))
    for (const [uid, record] of this.#proven) {
      const { log, index, type, text } = record
      const isToken = type === TOKEN_TYPE && tokens.has(`${log} ${readFingerprint(text) ?? ''}`)
      if (isOf(about, uid, record) || isToken || this.#witnesses.has(uid)) continue
      this.#find('INSERTED', { log, index }, 'it is not of what the bundle is about')
    }
  }

  #checkTime(
    { certificate }: LogKey,
    seconds: number,
    place: Partial<Finding>,
    what: string,
  ): void {
    if (seconds >= certificate.notBefore && seconds < certificate.expires) return
    const message = `the ${what}'s time lies outside the life of the log's certificate`
    this.#find('EXPIRED_KEY', place, message)
  }

  #find(verdict: FindingVerdict, place: Partial<Finding>, message: string): void {
    this.findings.add({ ...place, verdict, message })
  }
}

function isOf(about: BundleSubject, uid: string, { text }: ProvenRecord): boolean {
  if ('record' in about) return uid === about.record
  return (JSON.parse(text) as { readonly session?: unknown }).session === about.session
}
