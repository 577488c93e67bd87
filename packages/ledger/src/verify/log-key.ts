import type { JWK } from 'jose'
import { decodeUint64 } from '../bytes.ts'
import { verifyCertificate, type Certificate, type KnownIssuers } from '../certificate.ts'
import { LedgerError } from '../errors.ts'
import { COSIGNATURE_TYPE, ED25519_TYPE, createVerifierKey, type VerifierKey } from '../key.ts'
import { openNote, type NoteSignature } from '../note.ts'
import type { CheckpointRecord } from '../checkpoint-record.ts'
import type { LogEvidence } from './log-evidence.ts'

/** What the log's certified key says of a checkpoint's note. */
export type NoteJudgement = 'signed' | 'foreign' | 'spoiled'

/** A note as it stands in a checkpoint record. */
export type RecordedNote = Pick<CheckpointRecord, 'note' | 'noteText'>

/** The certified key of a log, which its notes are checked against; each note once. */
export interface LogKey {
  readonly certificate: Certificate
  /** The certificate as it stood, where it was read from a log. */
  readonly encoded?: string
  /** `signed` by this key, by none that it knows (`foreign`), or `spoiled`. */
  judge(checkpoint: RecordedNote): NoteJudgement
  /** Whether a line claims to be its timestamped cosignature. */
  isCosignature(line: NoteSignature): boolean
}

/** Different certificates of one log that are tried: each costs a signature or two. */
const MAX_CERTIFICATES = 16

/** Why a log has no key that could be trusted. */
export interface NoKey {
  readonly problem: string
}

/**
 * Finds the certified key in a log's `log.open`; in an export that does not reach back to it, in a
 * checkpoint. The root has signed either, so it does not matter who wrote the record.
 */
export async function findLogKey(
  evidence: LogEvidence,
  roots: readonly JWK[],
  issuers: KnownIssuers,
): Promise<LogKey | NoKey> {
  let problem = 'the export has no log.open of it, and no checkpoint with its certificate'
  for (const certificate of listCertificates(evidence)) {
    try {
      const verified = await verifyCertificate(certificate, roots, evidence.origin, issuers)
      return { ...createLogKey(verified), encoded: certificate }
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error
      problem = error.message
    }
  }
  return { problem }
}

function listCertificates({ opens, leaves, checkpoints }: LogEvidence): string[] {
  const certificates = opens
    .filter(({ row }) => leaves.indexAt(row) === 0)
    .map(({ certificate }) => certificate)
  // A record 0 that is no log.open of this log is a finding, whatever else there is.
  if (certificates.length === 0 && !leaves.hasIndex(0)) {
    for (const { certificate } of checkpoints) {
      if (certificate !== undefined) certificates.push(certificate)
    }
  }
  return [...new Set(certificates)].slice(0, MAX_CERTIFICATES)
}

/** Makes the checker of a log's notes from its certificate. */
export function createLogKey(certificate: Certificate): LogKey {
  const { log, publicKey } = certificate
  const plain = createVerifierKey(log, ED25519_TYPE, publicKey)
  const timed = createVerifierKey(log, COSIGNATURE_TYPE, publicKey)
  const judged = new Map<RecordedNote, NoteJudgement>()
  return {
    certificate,
    isCosignature: ({ name, id }) => name === timed.name && id === timed.id,
    judge(checkpoint) {
      let judgement = judged.get(checkpoint)
      if (judgement === undefined) {
        judgement = judgeNote(checkpoint, [plain, timed])
        judged.set(checkpoint, judgement)
      }
      return judgement
    },
  }
}

/**
 * POSIX seconds that the log's own cosignature of a note names, checked or not. A note may carry
 * lines of anybody, so without the log's key the first that has the form of one is read.
 */
export function readTimestamp(
  { note }: Pick<RecordedNote, 'note'>,
  key: LogKey | undefined,
): number | undefined {
  const { signature } =
    note.signatures.find(
      (line) => line.signature.length === 72 && (key === undefined || key.isCosignature(line)),
    ) ?? {}
  return signature && Number(decodeUint64(signature))
}

function judgeNote(checkpoint: RecordedNote, keys: readonly VerifierKey[]): NoteJudgement {
  const { signatures } = checkpoint.note
  const isKnown = (key: VerifierKey): boolean =>
    signatures.some(({ name, id }) => name === key.name && id === key.id)
  if (!keys.some(isKnown)) return 'foreign'
  try {
    const { verified } = openNote(checkpoint.noteText, keys)
    // Our logs sign every note twice; one line alone was torn out of its record.
    return keys.every((key) => verified.some((signature) => signature.key === key))
      ? 'signed'
      : 'spoiled'
  } catch {
    return 'spoiled'
  }
}
