import {
  addSignatureLines,
  formatAddCheckpoint,
  LedgerError,
  verifyCosignatures,
  type PolicyWitness,
} from '@tokentrail/ledger'

/** A checkpoint that a witness is asked to cosign, and how it follows from others. */
export interface WitnessedCheckpoint {
  readonly size: number
  /** Signed note. */
  readonly note: string
  /** Consistency proof from a smaller size to this one. */
  readonly proofFrom: (size: number) => readonly Uint8Array[]
}

/** What a witness has done. */
export type WitnessAnswer =
  | {
      readonly status: 'cosigned'
      /** The note with the witness's lines. */
      readonly note: string
      /** POSIX seconds. */
      readonly seconds: number
    }
  /**
   * It holds a tree that this checkpoint does not follow from, or a larger one: the log was rolled
   * back, or somebody else writes it too.
   */
  | { readonly status: 'conflict'; readonly message: string }
  /** It can be tried again. */
  | { readonly status: 'failed'; readonly message: string }

/** Options of {@link requestCosignature}. */
export interface WitnessClientOptions {
  readonly fetch: typeof fetch
  /** Longest that one request may take. */
  readonly timeoutMillis: number
}

const MAX_ANSWER_CHARACTERS = 65_536

/**
 * Asks a witness for its cosignature (C2SP tlog-witness, `add-checkpoint`). Where the log is
 * mistaken about what the witness holds (409), it asks once more from there.
 *
 * @param oldSize - Size that the witness has cosigned last, as far as is known; 0 for none.
 */
export async function requestCosignature(
  witness: PolicyWitness,
  checkpoint: WitnessedCheckpoint,
  oldSize: number,
  options: WitnessClientOptions,
): Promise<WitnessAnswer> {
  // A size above the checkpoint's was remembered of another history: let the witness say its own.
  const known = oldSize > checkpoint.size ? 0 : oldSize
  const first = await post(witness, checkpoint, known, options)
  if (first.status !== 'held') return first
  if (first.size === known) {
    return { status: 'failed', message: 'it answered 409 with the size that it was sent' }
  }
  if (first.size > checkpoint.size) {
    const message = `it holds a tree of ${first.size} leaves, and the log has ${checkpoint.size}`
    return { status: 'conflict', message }
  }
  const second = await post(witness, checkpoint, first.size, options)
  if (second.status !== 'held') return second
  return { status: 'failed', message: 'it answered 409 twice: another request overtook this one' }
}

type Posted = WitnessAnswer | { readonly status: 'held'; readonly size: number }

async function post(
  witness: PolicyWitness,
  { size, note, proofFrom }: WitnessedCheckpoint,
  oldSize: number,
  { fetch, timeoutMillis }: WitnessClientOptions,
): Promise<Posted> {
  const proof = oldSize === 0 || oldSize === size ? [] : proofFrom(oldSize)
  const body = formatAddCheckpoint({ oldSize: BigInt(oldSize), proof, checkpoint: note })
  try {
    const response = await fetch(`${(witness.url ?? '').replace(/\/$/, '')}/add-checkpoint`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMillis),
    })
    const text = (await response.text()).slice(0, MAX_ANSWER_CHARACTERS)
    return judge(response.status, text, note, witness)
  } catch (error) {
    const name = error instanceof Error ? error.name : 'Error'
    return { status: 'failed', message: `it cannot be reached (${name})` }
  }
}

/** All that C2SP tlog-witness lets a witness answer. */
function judge(status: number, text: string, note: string, witness: PolicyWitness): Posted {
  switch (status) {
    case 200:
      return readCosignature(text, note, witness)
    case 409: {
      const size = /^(0|[1-9][0-9]{0,15})\n$/.exec(text)?.[1]
      if (size === undefined) return { status: 'failed', message: '409 without a size' }
      return { status: 'held', size: Number(size) }
    }
    case 422:
      return {
        status: 'conflict',
        message: 'it holds a tree that this one does not follow from (422)',
      }
    case 400:
      return { status: 'failed', message: 'it took the request for malformed (400)' }
    case 403:
      return { status: 'failed', message: 'it does not trust the key of the log (403)' }
    case 404:
      return { status: 'failed', message: 'it does not know the log (404)' }
    default:
      return { status: 'failed', message: `it answered ${status}` }
  }
}

function readCosignature(lines: string, note: string, witness: PolicyWitness): WitnessAnswer {
  try {
    const seconds = Number(verifyCosignatures(note, lines, witness.key))
    return { status: 'cosigned', seconds, note: addSignatureLines(note, lines, witness.key) }
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error
    return { status: 'failed', message: 'its cosignature does not hold' }
  }
}
