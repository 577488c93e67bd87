import { formatTlogProof } from '../tlog-proof.ts'
import type { ProofBundle } from './proof-bundle.ts'

/** The proof of one record for tools that know C2SP formats and nothing of bundles. */
export interface RecordProof {
  readonly log: string
  readonly index: number
  /** The leaf: what the proof is for. */
  readonly text: string
  /** A C2SP tlog-proof. */
  readonly proof: string
}

/**
 * Lists the records of a bundle with a C2SP tlog-proof each: the nodes that they share are
 * repeated. A record whose log has not signed for it itself has none.
 *
 * @throws {@link LedgerError} `ERR_LEDGER_NOTE_MALFORMED`
 */
export function listTlogProofs({ logs }: ProofBundle): RecordProof[] {
  return logs.flatMap(({ log, head, nodes, records }) => {
    if (!('note' in head)) return []
    return records.map(({ text, path }) => {
      const { index } = JSON.parse(text) as { readonly index: number }
      const proof = path.map((place) => nodes[place]!)
      const checkpoint = head.note
      return {
        log,
        index,
        text,
        proof: formatTlogProof({ index: BigInt(index), proof, checkpoint }),
      }
    })
  })
}
