import { formatBase64, parseBase64 } from './base64.ts'
import { LedgerError } from './errors.ts'
import { HASH_BYTES } from './hash.ts'

/** The text of a C2SP tlog-checkpoint: what a log commits to when it signs. */
export interface Checkpoint {
  /** Name of the log; not empty, one line. */
  readonly origin: string
  /** Number of leaves, unsigned 64-bit. */
  readonly size: bigint
  /** Root over them, 32 bytes. */
  readonly root: Uint8Array
  /** Further lines; none may be empty. We write none. */
  readonly extensions?: readonly string[]
}

/**
 * Formats a checkpoint: `<origin>\n<decimal size>\n<base64 root>\n`, then extension lines.
 *
 * @throws {@link LedgerError} `ERR_LEDGER_CHECKPOINT_MALFORMED`
 */
export function formatCheckpoint(checkpoint: Checkpoint): string {
  const { origin, size, root, extensions = [] } = checkpoint
  const lines = [origin, size.toString(), formatBase64(root), ...extensions]
  const text = `${lines.join('\n')}\n`
  if (size < 0n || size >= 1n << 64n)
    throw malformed('has a size that is no unsigned 64-bit integer')
  if (root.length !== HASH_BYTES) throw malformed('has a root that is not 32 bytes')
  if (lines.some((line) => line === '' || line.includes('\n'))) throw malformed('has an empty line')
  // A checkpoint of this origin could be mistaken for the message of a cosignature.
  if (origin === 'cosignature/v1') throw malformed('must not have the origin "cosignature/v1"')
  return text
}

/**
 * Parses a checkpoint text. It takes only what {@link formatCheckpoint} produces.
 *
 * @throws {@link LedgerError} `ERR_LEDGER_CHECKPOINT_MALFORMED`
 */
export function parseCheckpoint(text: string): Checkpoint {
  if (!text.endsWith('\n')) throw malformed('does not end in a newline')
  const [origin, size, root, ...extensions] = text.slice(0, -1).split('\n')
  if (origin === undefined || size === undefined || root === undefined) {
    throw malformed('has fewer than three lines')
  }
  if (!/^(0|[1-9][0-9]{0,19})$/.test(size)) throw malformed('has a size that is not plain decimal')
  const checkpoint = {
    origin,
    size: BigInt(size),
    root: parseRoot(root),
    ...(extensions.length > 0 && { extensions }),
  }
  formatCheckpoint(checkpoint)
  return checkpoint
}

function parseRoot(text: string): Uint8Array {
  try {
    return parseBase64(text)
  } catch (error) {
    throw malformed('has a root that is not base64', { cause: error })
  }
}

function malformed(what: string, options?: ErrorOptions): LedgerError {
  return new LedgerError('ERR_LEDGER_CHECKPOINT_MALFORMED', `checkpoint ${what}`, options)
}
