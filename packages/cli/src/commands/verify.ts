import { readExport } from '@tokentrail/exporter'
import { verifyLogs } from '@tokentrail/ledger'
import { parseCommandArgs, valueOf, valuesOf, type Flags } from '../args.ts'
import type { Command } from '../command.ts'
import { CliError } from '../errors.ts'
import { EXIT_FAILURE } from '../exit-code.ts'
import type { Io } from '../io.ts'
import { formatJson } from '../output/unprintable.ts'
import { formatVerification } from '../output/verification.ts'
import { checkPaths } from '../paths.ts'
import { readRootKeys } from '../root-keys.ts'
import { parseTimeArgument } from '../time-argument.ts'
import { UnreadableParts } from '../unreadable-parts.ts'

const HELP = `Usage: tokentrail verify PATH... --root KEY [options]

Verifies exported records offline: files or folders of OTLP JSON lines, also gzipped, in any
order, with duplicates, several logs mixed. Needs nothing but the export and a public key.
Traces, metrics, identity records and log records of others may stand beside them. Of a folder,
*.json, *.jsonl, *.ndjson and *.gz are read.

  --root KEY       public root key, a JWK or JWK Set file; repeat for several
  --until TIME     a log that still runs is fine if it has a signed head past TIME (ISO 8601,
                   UTC when it names no zone)
  --route NAME     the export holds one framework's records only, and those of others are not
                   missed; "*" when it is whole; inferred when not given
  --json           the whole report as JSON
  --help

Exit codes:
   0  VALID_SEALED, VALID_UNTIL    1  nothing to read, or unreadable parts     2  wrong usage
  10  UNSEALED_END                20  MISSING            21  ALTERED          22  FORGED_DUP
  23  INSERTED                    24  FORK               25  MISSING_CHECKPOINT
  26  PROJECTION_DIFFERS          27  UNKNOWN_KEY, EXPIRED_KEY                28  MISSING_LOG
When several hold, the gravest decides; every finding is listed.

Examples:
  tokentrail verify export/ --root root.jwk.json
  tokentrail verify export/hipaa.jsonl --root root.jwk.json --until 2026-11-24T12:00:00Z --json
`

const PROGRESS_RECORDS = 100_000

/** Checks what every call must name. */
function checkInput(positionals: readonly string[], flags: Flags): readonly string[] {
  if (positionals.length === 0) {
    throw new CliError('ERR_CLI_USAGE', 'name at least one file or folder to verify')
  }
  if (valuesOf(flags, 'root').length === 0) {
    throw new CliError('ERR_CLI_USAGE', 'name the public root key with --root, e.g. root.jwk.json')
  }
  return checkPaths(positionals)
}

function parseRoute(flags: Flags): string | undefined {
  const route = valueOf(flags, 'route')
  if (route !== '') return route
  throw new CliError('ERR_CLI_USAGE', '--route must be the name of a framework, or "*", not ""')
}

function verifyOptions(flags: Flags, io: Io) {
  const until = valueOf(flags, 'until')
  const route = parseRoute(flags)
  const quiet = flags['json'] === true || !io.interactive
  let next = PROGRESS_RECORDS
  return {
    ...(until !== undefined && { until: parseTimeArgument('until', until) }),
    ...(route !== undefined && { route }),
    roots: readRootKeys(valuesOf(flags, 'root')),
    onProgress: (records: number) => {
      if (quiet || records < next) return
      next = records + PROGRESS_RECORDS
      io.err(`read ${records} records …`)
    },
  }
}

async function run(args: readonly string[], io: Io): Promise<number> {
  const { flags, positionals } = parseCommandArgs(args, {
    booleans: ['help', 'json'],
    values: ['root', 'until', 'route'],
  })
  const paths = checkInput(positionals, flags)
  const options = verifyOptions(flags, io)
  const unreadable = new UnreadableParts()
  const records = readExport(paths, { onUnreadable: (part) => unreadable.add(part) })
  const report = await verifyLogs(records, options)
  if (flags['json'] === true) {
    const { kept, count } = unreadable
    io.out(formatJson({ ...report, unreadable: kept, unreadableParts: count }))
  } else io.out(formatVerification(report, unreadable))
  return report.exitCode === 0 && unreadable.count > 0 ? EXIT_FAILURE : report.exitCode
}

/** `tokentrail verify`. */
export const verify: Command = {
  name: 'verify',
  summary: 'verify exported records offline',
  help: HELP,
  run,
}
