import {
  COSIGNATURE_TYPE,
  createVerifierKey,
  ED25519_TYPE,
  formatHex,
  hashLeaf,
  keyId,
  LedgerError,
  openNote,
  parseCheckpoint,
  verifyCertificate,
  verifyInclusion,
  type Certificate,
  type Checkpoint,
} from '@tokentrail/ledger'
import type { LogCertificate, LogState, RecordProof } from '../api-types.ts'
import type { StoreTables } from '../store/tables.ts'
import { explainProof } from './explain.ts'
import { LogTree } from './log-tree.ts'
import type { RootKey } from './root-key.ts'

/** What a proof is made from. */
export interface ProofSource {
  readonly tables: StoreTables
  readonly roots: readonly RootKey[]
  /** Live state of the record's log. */
  readonly state: LogState
  /** Number of the log in the store. */
  readonly log: number
  readonly index: number
  /** Canonical text of the record. */
  readonly text: string
}

/** A signed head of a log whose note and certificate were checked. */
interface SignedHead {
  readonly checkpoint: Checkpoint
  readonly note: string
  readonly signedAt: bigint | null
  readonly certificate: Certificate
}

/**
 * Proves that a record stands in its log: the path from its text to the root of the newest signed
 * head, checked here step by step and not taken from the live state, so that what is shown was
 * verified when it was shown.
 */
export async function proveRecord(source: ProofSource): Promise<RecordProof> {
  const { state, index, text } = source
  const leaf = hashLeaf(text)
  const own = state.findings.filter((finding) => finding.index === index)
  const pending = buildPending(leaf, index)
  if (own.length > 0)
    return broken(
      pending,
      own.map(({ message }) => message),
    )
  if (state.signedSize <= index) {
    // Of a log whose key is not known nothing can be proven, now or later.
    const grave = state.findings.filter(({ verdict }) => KEYLESS.has(verdict))
    if (grave.length > 0)
      return broken(
        pending,
        grave.map(({ message }) => message),
      )
    return { ...pending, explanation: explainProof(pending, state) }
  }
  try {
    return await buildProven(source, pending, leaf)
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error
    return broken(pending, [error.message])
  }
}

const KEYLESS: ReadonlySet<string> = new Set(['UNKNOWN_KEY', 'EXPIRED_KEY', 'FORK'])

async function buildProven(
  source: ProofSource,
  pending: RecordProof,
  leaf: Uint8Array,
): Promise<RecordProof> {
  const { tables, log, index, state } = source
  const head = await openHead(source)
  const path = new LogTree(tables.records, tables.blocks).inclusionPath(
    log,
    index,
    state.signedSize,
  )
  const { size, root } = head.checkpoint
  verifyInclusion({ index: BigInt(index), size, leafHash: leaf, root, proof: path })
  const proof: RecordProof = {
    ...pending,
    state: 'proven',
    treeSize: Number(size),
    path: path.map(formatHex),
    root: formatHex(root),
    note: head.note,
    signedAt: head.signedAt === null ? null : `${head.signedAt}000000000`,
    certificate: toLogCertificate(head.certificate),
  }
  return { ...proof, explanation: explainProof(proof, state) }
}

/** The checkpoint record for a size has that size as its index. */
async function openHead({ tables, log, state, roots }: ProofSource): Promise<SignedHead> {
  const read = (index: number): Readonly<Record<string, unknown>> =>
    JSON.parse(tables.records.find(log, index)?.text ?? '{}') as Record<string, unknown>
  const { note } = read(state.signedSize)
  const { certificate: jws } = read(0)
  const certificate = await verifyCertificate(String(jws), roots, state.origin)
  const keys = [ED25519_TYPE, COSIGNATURE_TYPE].map((type) =>
    createVerifierKey(state.origin, type, certificate.publicKey),
  )
  const opened = openNote(String(note), keys)
  const signedAt = opened.verified.find(({ timestamp }) => timestamp !== undefined)?.timestamp
  return {
    checkpoint: parseCheckpoint(opened.text),
    note: String(note),
    signedAt: signedAt ?? null,
    certificate,
  }
}

function toLogCertificate(certificate: Certificate): LogCertificate {
  return {
    issuer: certificate.issuer,
    keyId: formatKeyId(certificate),
    notBefore: toIso(certificate.notBefore),
    notAfter: toIso(certificate.expires),
    selfIssued: certificate.selfIssued,
  }
}

/** The id under which the note's signature line names the key (C2SP signed-note). */
function formatKeyId({ log, publicKey }: Certificate): string {
  return keyId(log, ED25519_TYPE, publicKey).toString(16).padStart(8, '0')
}

function toIso(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
}

function buildPending(leaf: Uint8Array, index: number): RecordProof {
  return {
    state: 'pending',
    leaf: formatHex(leaf),
    index,
    treeSize: 0,
    path: [],
    root: '',
    note: null,
    signedAt: null,
    certificate: null,
    explanation: [],
    findings: [],
  }
}

function broken(pending: RecordProof, findings: readonly string[]): RecordProof {
  return {
    ...pending,
    state: 'broken',
    findings,
    explanation: [
      'This record is not proven: what was found speaks against it.',
      ...findings,
      'Verify an export of the whole log with "tokentrail verify" to see every finding.',
    ],
  }
}
