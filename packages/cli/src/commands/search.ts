import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Pseudonymizer } from '@tokentrail/session'
import {
  FILTER_NAMES,
  loadExport,
  openStore,
  parseSearchQuery,
  searchRecords,
  ViewerError,
  type RecordsResponse,
  type SearchQuery,
  type Store,
} from '@tokentrail/viewer'
import { parseCommandArgs, valueOf, valuesOf, type Flags } from '../args.ts'
import type { Command } from '../command.ts'
import { CliError } from '../errors.ts'
import { EXIT_FAILURE, EXIT_OK } from '../exit-code.ts'
import type { Io } from '../io.ts'
import { formatRecords } from '../output/records.ts'
import { dataDirectory, openPseudonymizer, pseudonymKeyFile } from '../pseudonyms.ts'

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
  --from TIME --to TIME   ISO 8601, or time ago such as 2h

  --limit N          1 to 1000, default 100
  --format table|json
  --help

Environment: TOKENTRAIL_DIR (default .tokentrail), TOKENTRAIL_PSEUDONYM_KEY_FILE.

Examples:
  tokentrail search --user alice --exclude-status 2xx
  tokentrail search export/ --reason insufficient_scope --from 2h --format json
  tokentrail search --token - < token.txt

Exit codes: 0 searched everything; 1 could not; 2 wrong usage.
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

/** JWTs are longer, opaque tokens may be shorter; only a fingerprint has exactly this form. */
const FINGERPRINT = /^[A-Za-z0-9_-]{22}$/

async function resolveToken(
  value: string,
  io: Io,
  pseudonyms: Pseudonymizer | undefined,
): Promise<string> {
  if (value !== '-') {
    if (FINGERPRINT.test(value)) return value
    throw new CliError(
      'ERR_CLI_USAGE',
      '--token takes a fingerprint, or - to read the token from standard input; ' +
        'a token on the command line would stay in the shell history',
    )
  }
  if (pseudonyms === undefined) {
    throw new CliError(
      'ERR_CLI_INPUT',
      `--token - needs the pseudonym key, and there is none at ${pseudonymKeyFile(io)}; ` +
        'set TOKENTRAIL_PSEUDONYM_KEY_FILE',
    )
  }
  const token = (await io.readInput()).trim()
  if (token === '') throw new CliError('ERR_CLI_INPUT', '--token -: standard input is empty')
  return pseudonyms.pseudonymOf('token', '', token)
}

async function buildQuery(
  flags: Flags,
  io: Io,
  pseudonyms: Pseudonymizer | undefined,
): Promise<SearchQuery> {
  const entries: [string, string][] = []
  for (const name of FLAG_NAMES.values) {
    if (name === 'format') continue
    for (const value of valuesOf(flags, name)) {
      const isToken = name === 'token' || name === 'exclude-token'
      entries.push([name, isToken ? await resolveToken(value, io, pseudonyms) : value])
    }
  }
  try {
    return parseSearchQuery(entries, { now: BigInt(Date.now()) * 1_000_000n, prefix: '--' })
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

/** A store to search, and whether everything that was asked for is in it. */
interface OpenedStore {
  readonly store: Store
  readonly complete: boolean
}

async function openSearched(paths: readonly string[], io: Io): Promise<OpenedStore> {
  if (paths.length === 0) {
    const file = join(dataDirectory(io), 'viewer', 'store.sqlite')
    if (existsSync(file)) return { store: openStore(file, { readOnly: true }), complete: true }
    throw new CliError(
      'ERR_CLI_INPUT',
      `there is no viewer store at ${file}; start the viewer, set TOKENTRAIL_DIR, or name an export`,
    )
  }
  const store = openStore(':memory:')
  let complete = true
  const loaded = await loadExport(store, paths, {
    onUnreadable: ({ file, line, reason }) => {
      complete = false
      io.err(`tokentrail search: ${file}, line ${line}: ${reason}`)
    },
  })
  if (loaded.unreadable > 0) {
    complete = false
    io.err(`tokentrail search: ${loaded.unreadable} records could not be read and were left out`)
  }
  return { store, complete }
}

function printResult(result: RecordsResponse, format: 'table' | 'json', io: Io): void {
  if (format === 'json') {
    io.out(`${JSON.stringify(result.records, null, 2)}\n`)
    return
  }
  io.out(formatRecords(result.records))
  const total = `${result.capped ? 'more than ' : ''}${result.count}`
  io.err(`${result.records.length} of ${total} records`)
}

async function run(args: readonly string[], io: Io): Promise<number> {
  const { flags, positionals } = parseCommandArgs(args, FLAG_NAMES)
  const format = parseFormat(flags)
  const pseudonyms = openPseudonymizer(io)
  const query = await buildQuery(flags, io, pseudonyms)
  const { store, complete } = await openSearched(positionals, io)
  try {
    const toPseudonyms = (value: string, issuers: readonly string[]) =>
      issuers.flatMap((issuer) => pseudonyms?.pseudonymOf('sub', issuer, value) ?? [])
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
