import type { Pseudonymizer } from '@tokentrail/session'
import {
  FILTER_NAMES,
  parseSearchQuery,
  searchRecords,
  ViewerError,
  type RecordsResponse,
  type SearchQuery,
  type ToUserPseudonyms,
} from '@tokentrail/viewer'
import { parseCommandArgs, valueOf, valuesOf, type Flags } from '../args.ts'
import type { Command } from '../command.ts'
import { CliError } from '../errors.ts'
import { EXIT_FAILURE, EXIT_OK } from '../exit-code.ts'
import type { Io } from '../io.ts'
import { formatRecords } from '../output/records.ts'
import { formatJson } from '../output/unprintable.ts'
import { openPseudonymizer } from '../pseudonyms.ts'
import { openSearched } from '../searched-store.ts'
import { createTokenReader } from '../token-argument.ts'

const HELP = `Usage: tokentrail search [PATH...] [filters]

Searches records: those of the viewer on this machine, or of an export (files or folders of
OTLP JSON lines, also gzipped). Newest first.

Filters. A repeated flag means "or", different flags mean "and"; --exclude-NAME is the opposite.
  --user NAME        by clear name (needs the identity records or the pseudonym key) or pseudonym
  --client ID        --session ID       --scope SCOPE      --route TEMPLATE
  --method GET       --status 403|4xx   --event NAME       --reason REASON
  --trace ID         --service NAME     --framework NAME
  --token -          reads a token from standard input and searches by its keyed fingerprint
                     (a fingerprint may be given as it is)
  --from TIME --to TIME   ISO 8601 with its zone, a date, or a time ago such as 2h

  --limit N          1 to 1000, default 100
  --format table|json
  --help

Environment: TOKENTRAIL_DIR (default .tokentrail), TOKENTRAIL_PSEUDONYM_KEY_FILE.

Examples:
  tokentrail search --user alice --exclude-status 2xx
  tokentrail search export/ --reason insufficient_scope --from 2h --format json
  tokentrail search --token - < token.txt

Exit codes: 0 searched everything; 1 some of the input or all of it cannot be read; 2 wrong usage.
`

const SINGLE_NAMES = ['from', 'to', 'limit'] as const
const FLAG_NAMES = {
  booleans: ['help'],
  values: [
    ...FILTER_NAMES,
    ...FILTER_NAMES.map((name) => `exclude-${name}`),
    ...SINGLE_NAMES,
    'format',
  ],
}

async function buildQuery(flags: Flags, io: Io): Promise<SearchQuery> {
  const readToken = createTokenReader(io)
  const entries: [string, string][] = []
  for (const name of FLAG_NAMES.values) {
    if (name === 'format') continue
    const isToken = name === 'token' || name === 'exclude-token'
    for (const value of valuesOf(flags, name)) {
      entries.push([name, isToken ? await readToken(name, value) : value])
    }
  }
  try {
    return parseSearchQuery(entries, { now: io.unixNanos(), prefix: '--' })
  } catch (error) {
    if (!(error instanceof ViewerError)) throw error
    throw new CliError('ERR_CLI_USAGE', error.message)
  }
}

function parseFormat(flags: Flags): 'table' | 'json' {
  const format = valueOf(flags, 'format') ?? 'table'
  if (format === 'table' || format === 'json') return format
  throw new CliError('ERR_CLI_USAGE', `--format must be table or json, not "${format}"`)
}

/** Finds users by clear name; the key is opened only when one is asked for. */
function findPseudonyms(query: SearchQuery, io: Io): ToUserPseudonyms {
  const asked = query.include.user !== undefined || query.exclude.user !== undefined
  const pseudonyms: Pseudonymizer | undefined = asked ? openPseudonymizer(io) : undefined
  return (value, issuers) =>
    issuers.flatMap((issuer) => pseudonyms?.pseudonymOf('sub', issuer, value) ?? [])
}

function printResult(result: RecordsResponse, format: 'table' | 'json', io: Io): void {
  const { records, count, capped } = result
  io.out(format === 'json' ? formatJson(records) : formatRecords(records))
  const total = `${capped ? 'at least ' : ''}${count}`
  const more = records.length < count ? '; these are the newest' : ''
  io.err(`${records.length} of ${total} records${more}`)
}

async function run(args: readonly string[], io: Io): Promise<number> {
  const { flags, positionals } = parseCommandArgs(args, FLAG_NAMES)
  const format = parseFormat(flags)
  const query = await buildQuery(flags, io)
  const toPseudonyms = findPseudonyms(query, io)
  const { store, complete } = await openSearched(positionals, io)
  try {
    printResult(searchRecords(store, query, { toPseudonyms }), format, io)
  } finally {
    store.close()
  }
  return complete ? EXIT_OK : EXIT_FAILURE
}

/** `tokentrail search`. */
export const search: Command = {
  name: 'search',
  summary: 'search the records of the viewer or of an export',
  help: HELP,
  run,
}
