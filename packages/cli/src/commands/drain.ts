import { existsSync } from 'node:fs'
import { join } from 'node:path'
import {
  drainSlot,
  erasedPseudonyms,
  ExporterError,
  inspectJournal,
  loadOrCreateKeys,
  readExport,
  replayJournal,
  resolveExporterOptions,
  type DrainedSlot,
  type ExporterSettings,
  type JournalLogState,
  type ReplayedLog,
} from '@tokentrail/exporter'
import { parseCommandArgs, valueOf, valuesOf, type Flags } from '../args.ts'
import type { Command } from '../command.ts'
import { CliError } from '../errors.ts'
import { EXIT_FAILURE, EXIT_OK } from '../exit-code.ts'
import type { Io } from '../io.ts'
import { checkReadable } from '../named-file.ts'
import { formatDrained, type DrainReport, type DrainedPlace } from '../output/drained.ts'
import { formatJson } from '../output/unprintable.ts'
import { checkPaths } from '../paths.ts'
import { dataDirectory } from '../pseudonyms.ts'
import { parseTimeArgument } from '../time-argument.ts'
import { VERSION } from '../version.ts'

const HELP = `Usage: tokentrail drain [DIR] [options]

Delivers what dead processes left in a journal, whatever their service and slot: after a pod was
moved and its volume stayed, before a node is given up, when a service will not start again. Of
each slot it takes over the logs as the next process would: it takes their lock, says in a log of
its own how theirs ended (tokentrail.log.recovered), sends what was not sent, in order, and seals.
Logs of living processes are left to them, and nothing is removed.

With --from it first sends again what was delivered since then, for a collector or backend that has
lost it: the same bytes under the same ids (log.record.uid), so that a receiver which still has some
of them can tell. Delivered records stay in the journal 24 hours or 1 GiB, whichever is less.
Identities that a subject.erased at hand names are left out.

  DIR              a TOKENTRAIL_DIR, or a copy of one (default: $TOKENTRAIL_DIR, .tokentrail)
  --from TIME      also send again what was recorded since TIME (ISO 8601, UTC without a zone)
  --erased PATH    exports that hold further subject.erased records; repeat for several
  --endpoint URL   complete URL of the OTLP/HTTP logs endpoint; headers, TLS and the rest as for
                   services, by OTEL_EXPORTER_OTLP_*
  --patience S     give up when nothing was accepted for S seconds (default 60)
  --json           the result as JSON
  --help

The keys are those of DIR/keys, or of TOKENTRAIL_SIGNING_KEY_FILE and TOKENTRAIL_PSEUDONYM_KEY_FILE:
what the command says about dead logs is signed as the services sign.

Exit codes: 0 everything was accepted, or there was nothing; 1 something was not accepted, refused
for good, or cannot be read: it is still there; 2 wrong usage.

Examples:
  tokentrail drain /var/lib/orders/tokentrail
  tokentrail drain --from 2026-11-24T09:00:00Z --endpoint https://collector:4318/v1/logs
`

const DEFAULT_PATIENCE_SECONDS = 60
const MAX_PATIENCE_SECONDS = 86_400
const PROGRESS_MILLIS = 1_000

interface Request {
  readonly directory: string
  readonly settings: ExporterSettings
  readonly from: bigint | undefined
  readonly erasedPaths: readonly string[]
  readonly patienceMillis: number
}

function parseRequest(flags: Flags, positionals: readonly string[], io: Io): Request {
  if (positionals.length > 1) {
    throw new CliError('ERR_CLI_USAGE', `unexpected argument "${positionals[1]}"`)
  }
  const [directory = dataDirectory(io)] = checkPaths(positionals)
  const from = valueOf(flags, 'from')
  const endpoint = valueOf(flags, 'endpoint')
  return {
    directory,
    settings: settingsFor(directory, endpoint, io),
    from: from === undefined ? undefined : parseTimeArgument('from', from),
    erasedPaths: checkReadable('--erased', valuesOf(flags, 'erased')),
    patienceMillis: parsePatience(valueOf(flags, 'patience')) * 1_000,
  }
}

/** What belongs to a process, its slot and service, is set for each slot later. */
function settingsFor(directory: string, endpoint: string | undefined, io: Io): ExporterSettings {
  try {
    const options = { directory, slot: 'drain', ...(endpoint !== undefined && { endpoint }) }
    return resolveExporterOptions(options, io.env)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new CliError('ERR_CLI_USAGE', error.message.replace('"endpoint"', '--endpoint'))
  }
}

function parsePatience(value: string | undefined): number {
  if (value === undefined) return DEFAULT_PATIENCE_SECONDS
  const seconds = /^\d{1,5}$/.test(value) ? Number(value) : NaN
  if (seconds >= 1 && seconds <= MAX_PATIENCE_SECONDS) return seconds
  throw new CliError(
    'ERR_CLI_USAGE',
    `--patience must be seconds from 1 to ${MAX_PATIENCE_SECONDS}, not "${value}"`,
  )
}

function inspect({ directory }: Request): readonly JournalLogState[] {
  if (existsSync(join(directory, 'journal'))) return inspectJournal(directory)
  throw new CliError(
    'ERR_CLI_INPUT',
    `there is no journal in ${directory}; name the TOKENTRAIL_DIR of a service`,
  )
}

/** Prints at most a line a second, and only where somebody watches. */
function createProgress(io: Io): (line: () => string) => void {
  let next = performance.now() + PROGRESS_MILLIS
  return (line) => {
    if (!io.interactive || performance.now() < next) return
    next = performance.now() + PROGRESS_MILLIS
    io.err(line())
  }
}

async function replay(
  request: Request,
  from: bigint,
  logs: readonly JournalLogState[],
  io: Io,
): Promise<ReplayedLog> {
  const erased = new Set<string>()
  if (request.erasedPaths.length > 0) {
    for await (const { body } of readExport(request.erasedPaths)) {
      for (const pseudonym of erasedPseudonyms(body)) erased.add(pseudonym)
    }
  }
  const progress = createProgress(io)
  return replayJournal({
    logs,
    settings: request.settings,
    from,
    erased,
    userAgent: `tokentrail/${VERSION}`,
    patienceMillis: request.patienceMillis,
    onProgress: (records) => progress(() => `sent ${records} records again …`),
  })
}

/** Dead logs with something to deliver or to say, by slot. */
function groupBySlot(logs: readonly JournalLogState[]): readonly JournalLogState[][] {
  const slots = new Map<string, JournalLogState[]>()
  for (const log of logs) {
    if (log.isAlive || (log.isSettled && log.undeliveredBytes === 0)) continue
    const key = JSON.stringify([log.service, log.slot])
    slots.set(key, [...(slots.get(key) ?? []), log])
  }
  return [...slots.values()]
}

async function drainPlaces(
  request: Request,
  logs: readonly JournalLogState[],
  io: Io,
): Promise<DrainedPlace[]> {
  const slots = groupBySlot(logs)
  if (slots.length === 0) return []
  checkKeys(request.settings)
  const keys = loadOrCreateKeys(request.settings)
  for (const warning of keys.warnings) io.err(warning)
  const progress = createProgress(io)
  const places: DrainedPlace[] = []
  for (const group of slots) {
    const { service = '', slot = '' } = group[0] ?? {}
    const { settings } = request
    const drained: DrainedSlot = await drainSlot({
      settings: { ...settings, slot, resource: { ...settings.resource, 'service.name': service } },
      keys,
      recorderVersion: VERSION,
      patienceMillis: request.patienceMillis,
      onProgress: (bytes) => progress(() => `${service}/${slot}: ${bytes} bytes to deliver …`),
    })
    places.push({ service, slot, logs: group.length, ...drained })
  }
  return places
}

/** A key that is made here would sign for services that have never had it. */
function checkKeys({ signingKeyFile, pseudonymKeyFile }: ExporterSettings): void {
  const missing = [signingKeyFile, pseudonymKeyFile].find((path) => !existsSync(path))
  if (missing === undefined) return
  throw new CliError(
    'ERR_CLI_INPUT',
    `there is no key ${missing}; name the services' keys by TOKENTRAIL_SIGNING_KEY_FILE and ` +
      'TOKENTRAIL_PSEUDONYM_KEY_FILE',
  )
}

async function run(args: readonly string[], io: Io): Promise<number> {
  const { flags, positionals } = parseCommandArgs(args, {
    booleans: ['help', 'json'],
    values: ['from', 'erased', 'endpoint', 'patience'],
  })
  const request = parseRequest(flags, positionals, io)
  const logs = inspect(request)
  const { from } = request
  let failure: string | undefined
  let replayed: ReplayedLog | undefined
  let places: DrainedPlace[] = []
  try {
    if (from !== undefined) replayed = await replay(request, from, logs, io)
    places = await drainPlaces(request, logs, io)
  } catch (error) {
    if (!(error instanceof ExporterError) || error.code !== 'ERR_EXPORTER_DELIVERY_FAILED') {
      throw error
    }
    failure = error.message
  }
  const report: DrainReport = {
    directory: request.directory,
    alive: logs.filter(({ isAlive }) => isAlive).length,
    places,
    ...(replayed !== undefined && { replayed }),
    ...(failure !== undefined && { failure }),
  }
  io.out(flags['json'] === true ? formatJson(report) : formatDrained(report))
  return isComplete(report) ? EXIT_OK : EXIT_FAILURE
}

function isComplete({ places, replayed, failure }: DrainReport): boolean {
  const isReplayed = !replayed || (replayed.rejected.length === 0 && replayed.damage.length === 0)
  return (
    failure === undefined &&
    isReplayed &&
    places.every(({ isDelivered, problems }) => isDelivered && problems.length === 0)
  )
}

/** `tokentrail drain`. */
export const drain: Command = {
  name: 'drain',
  summary: 'deliver what dead processes left, and replay what was delivered',
  help: HELP,
  run,
}
