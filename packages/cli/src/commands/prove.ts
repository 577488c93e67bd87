import { join } from 'node:path'
import { readExportBatches } from '@tokentrail/exporter'
import {
  type BundleOutcome,
  type BundleSubject,
  EXIT_CODES,
  type ProofBundle,
  buildProofBundle,
  formatProofBundle,
  listTlogProofs,
} from '@tokentrail/ledger'
import { parseCommandArgs, valueOf, valuesOf, type Flags } from '../args.ts'
import type { Command } from '../command.ts'
import { CliError } from '../errors.ts'
import { EXIT_FAILURE, EXIT_OK } from '../exit-code.ts'
import type { Io } from '../io.ts'
import { checkNewFile, createNamedFile, makeNamedFolder } from '../named-file.ts'
import { escapeUnprintable } from '../output/unprintable.ts'
import { formatUnreadable } from '../output/unreadable.ts'
import { checkPaths } from '../paths.ts'
import { Progress } from '../progress.ts'
import { readRootKeys } from '../root-keys.ts'
import { UnreadableParts } from '../unreadable-parts.ts'

const HELP = `Usage: tokentrail prove --session ID PATH... --root KEY --out FILE
       tokentrail prove --record UID PATH... --root KEY --out FILE

Makes a proof bundle: the records of one session, or one record, with the token facts that they
join, signed checkpoints, certificates and inclusion proofs. "tokentrail verify FILE --root KEY"
verifies it offline, with nothing but the file and the public root key. PATH is an export, in any
shape that verify reads; it must hold the whole log of each record, or its checkpoint records.

  --session ID     session id (oauth.session.id)
  --record UID     one record (log.record.uid: <log>.<index>)
  --root KEY       public root key, a JWK or JWK Set file; repeat for several
  --out FILE       where the bundle goes; a file that is there is not overwritten,
                   and no part of one is ever left
  --tlog-proofs DIR  also writes each record and its C2SP tlog-proof there, for other tools
  --help

Exit codes: 0 made; 1 the export cannot be read, or has no such record; 2 wrong usage;
10 a record lies above the last signed checkpoint; 21 a record is not what its log has signed,
or the export lacks what proves it.

Example:
  tokentrail prove --session QaInQnUtCl_CHk5vEBVr8A export/ --root root.jwk.json --out proof.json
`

const NOT_COVERED = 'no signed checkpoint covers it yet'
const MAX_SHOWN = 10

function parseSubject(flags: Flags): BundleSubject {
  const [session, record] = [valueOf(flags, 'session'), valueOf(flags, 'record')]
  if (session !== undefined && record === undefined && session !== '') return { session }
  if (record !== undefined && session === undefined && record !== '') return { record }
  throw new CliError(
    'ERR_CLI_USAGE',
    'name one session with --session, or one record with --record',
  )
}

function parseOut(flags: Flags): string {
  const out = valueOf(flags, 'out')
  if (out !== undefined && out !== '') return out
  throw new CliError('ERR_CLI_USAGE', 'name the file for the bundle with --out')
}

function parseRoots(flags: Flags) {
  const files = valuesOf(flags, 'root')
  if (files.length > 0) return readRootKeys(files)
  throw new CliError('ERR_CLI_USAGE', 'name the public root key with --root, e.g. root.jwk.json')
}

function writeTlogProofs(folder: string, bundle: ProofBundle): void {
  for (const { log, index, text, proof } of listTlogProofs(bundle)) {
    const name = join(folder, `${log.slice(log.lastIndexOf('/') + 1)}-${index}`)
    createNamedFile('--tlog-proofs', `${name}.json`, text)
    createNamedFile('--tlog-proofs', `${name}.tlog-proof`, proof)
  }
}

function reportUnproven(io: Io, outcome: BundleOutcome & { status: 'unproven' }): number {
  const { records } = outcome
  for (const { log, index, reason } of records.slice(0, MAX_SHOWN)) {
    io.err(escapeUnprintable(`tokentrail prove: ${log}.${index}: ${reason}`))
  }
  if (records.length > MAX_SHOWN) io.err(`and ${records.length - MAX_SHOWN} more records`)
  const isOpen = records.every(({ reason }) => reason === NOT_COVERED)
  return isOpen ? EXIT_CODES.UNSEALED_END : EXIT_CODES.ALTERED
}

async function run(args: readonly string[], io: Io): Promise<number> {
  const { flags, positionals } = parseCommandArgs(args, {
    booleans: ['help'],
    values: ['session', 'record', 'root', 'out', 'tlog-proofs'],
  })
  const [about, out, roots] = [parseSubject(flags), parseOut(flags), parseRoots(flags)]
  if (positionals.length === 0) throw new CliError('ERR_CLI_USAGE', 'name an export to prove from')
  const paths = checkPaths(positionals)
  const folder = valueOf(flags, 'tlog-proofs')
  checkNewFile('--out', out)
  if (folder !== undefined) makeNamedFolder('--tlog-proofs', folder)
  const unreadable = new UnreadableParts()
  const progress = new Progress(io)
  // The second time the same parts cannot be read.
  let onUnreadable = (part: Parameters<UnreadableParts['add']>[0]): void => unreadable.add(part)
  const read = () => {
    const note = onUnreadable
    onUnreadable = () => undefined
    return readExportBatches(paths, {
      onUnreadable: note,
      onProgress: (read) => progress.tell(read),
    })
  }
  const onProgress = (records: number): void => progress.count(records)
  const outcome = await buildProofBundle(read, { roots, about, onProgress })
  progress.clear()
  for (const line of formatUnreadable(unreadable)) io.err(`tokentrail prove: ${line}`)
  if (outcome.status === 'absent') {
    io.err('tokentrail prove: the export has no such record')
    return EXIT_FAILURE
  }
  if (outcome.status === 'unproven') return reportUnproven(io, outcome)
  createNamedFile('--out', out, formatProofBundle(outcome.bundle))
  if (folder !== undefined) writeTlogProofs(folder, outcome.bundle)
  io.out(escapeUnprintable(`${outcome.records} records are proven by ${out}`) + '\n')
  return EXIT_OK
}

/** `tokentrail prove`. */
export const prove: Command = {
  name: 'prove',
  summary: 'make a self-contained proof of a session or a record',
  help: HELP,
  run,
}
