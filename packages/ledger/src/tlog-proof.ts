import { formatBase64, parseBase64 } from './base64.ts'
import { LedgerError } from './errors.ts'
import { HASH_BYTES } from './hash.ts'
import { parseNote } from './note.ts'
import type { Proof } from './proof.ts'

const HEADER = 'c2sp.org/tlog-proof@v1'

/** One record's proof for somebody who has nothing but this file, the record and a key. */
export interface TlogProof {
  /** Zero-based index of the leaf, unsigned 64-bit. */
  readonly index: bigint
  /** Inclusion proof, the leaf's sibling first. */
  readonly proof: Proof
  /** The signed checkpoint, verbatim. */
  readonly checkpoint: string
  /** Opaque data that nothing authenticates. */
  readonly extra?: Uint8Array
}

/**
 * Formats a C2SP tlog-proof (`.tlog-proof`): header, optional `extra <base64>`, `index <n>`, one
 * base64 hash per line, blank line, checkpoint.
 *
 * @throws {@link LedgerError} `ERR_LEDGER_ENCODING_INVALID`, `ERR_LEDGER_NOTE_MALFORMED`
 */
export function formatTlogProof({ index, proof, checkpoint, extra }: TlogProof): string {
  if (index < 0n || index >= 1n << 64n) throw malformed('has an index outside 64 bits')
  if (proof.some((hash) => hash.length !== HASH_BYTES)) throw malformed('has a hash of odd length')
  parseNote(checkpoint)
  const lines = [
    HEADER,
    ...(extra === undefined ? [] : [`extra ${formatBase64(extra)}`]),
    `index ${index}`,
    ...proof.map(formatBase64),
  ]
  return `${lines.join('\n')}\n\n${checkpoint}`
}

/**
 * Parses a C2SP tlog-proof. It takes only what {@link formatTlogProof} produces, and checks no
 * signature: open the checkpoint, then verify the inclusion.
 *
 * @throws {@link LedgerError} `ERR_LEDGER_ENCODING_INVALID`, `ERR_LEDGER_NOTE_MALFORMED`
 */
export function parseTlogProof(text: string): TlogProof {
  const split = text.indexOf('\n\n')
  if (split < 0) throw malformed('has no blank line before its checkpoint')
  const [header, ...lines] = text.slice(0, split).split('\n')
  if (header !== HEADER) throw malformed(`does not begin with "${HEADER}"`)
  const extra = lines[0]?.startsWith('extra ') ? parseBase64(lines.shift()!.slice(6)) : undefined
  const index = /^index (0|[1-9][0-9]{0,19})$/.exec(lines.shift() ?? '')?.[1]
  if (index === undefined) throw malformed('has no line "index <decimal>"')
  const parsed: TlogProof = {
    index: BigInt(index),
    proof: lines.map(parseBase64),
    checkpoint: text.slice(split + 2),
    ...(extra !== undefined && { extra }),
  }
  formatTlogProof(parsed)
  return parsed
}

function malformed(what: string): LedgerError {
  return new LedgerError('ERR_LEDGER_ENCODING_INVALID', `tlog-proof ${what}`)
}
