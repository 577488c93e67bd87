import type { JWK } from 'jose'
import { verifyCertificate, type Certificate } from '../certificate.ts'
import { LedgerError } from '../errors.ts'
import { COSIGNATURE_TYPE, ED25519_TYPE, createVerifierKey, type VerifierKey } from '../key.ts'
import { openNote } from '../note.ts'
import type { CheckpointRecord } from '../checkpoint-record.ts'
import type { LogEvidence } from './log-evidence.ts'

/** What the log's certified key says of a checkpoint's note. */
export type NoteJudgement = 'signed' | 'foreign' | 'spoiled'

/** A note as it stands in a checkpoint record. */
export type RecordedNote = Pick<CheckpointRecord, 'note' | 'noteText'>

/** The certified key of a log, which its notes are checked against; each note once. */
export interface LogKey {
  readonly certificate: Certificate
  /** `signed` by this key, by none that it knows (`foreign`), or `spoiled`. */
  judge(checkpoint: RecordedNote): NoteJudgement
}

/** Why a log has no key that could be trusted. */
export interface NoKey {
  readonly problem: string
}

/** Finds the certified key in a log's `log.open`. */
export async function findLogKey(
  evidence: LogEvidence,
  roots: readonly JWK[],
): Promise<LogKey | NoKey> {
  let problem = 'the export has no log.open of it'
  for (const open of evidence.opens) {
    if (evidence.leaves.indexAt(open.row) !== 0) continue
    try {
      const certificate = await verifyCertificate(open.certificate, roots, evidence.origin)
      return createLogKey(certificate)
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error
      problem = error.message
    }
  }
  return { problem }
}

/** Makes the checker of a log's notes from its certificate. */
export function createLogKey(certificate: Certificate): LogKey {
  const { log, publicKey } = certificate
  const plain = createVerifierKey(log, ED25519_TYPE, publicKey)
  const timed = createVerifierKey(log, COSIGNATURE_TYPE, publicKey)
  const judged = new Map<RecordedNote, NoteJudgement>()
  return {
    certificate,
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
