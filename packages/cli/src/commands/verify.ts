import { readShards } from '@tokentrail/exporter'
import {
  type BundleReport,
  type VerificationReport,
  verifyProofBundle,
  verifyShards,
} from '@tokentrail/ledger'
import { ANCHOR_FLAGS, readAnchorOptions } from '../anchor-options.ts'
import { parseCommandArgs, valueOf, valuesOf, type Flags } from '../args.ts'
import type { Command } from '../command.ts'
import { CliError } from '../errors.ts'
import { EXIT_FAILURE } from '../exit-code.ts'
import type { Io } from '../io.ts'
import { checkReadable } from '../named-file.ts'
import { formatBundle } from '../output/bundle.ts'
import { formatJson } from '../output/unprintable.ts'
import { formatVerification } from '../output/verification.ts'
import { checkPaths } from '../paths.ts'
import { readRootKeys } from '../root-keys.ts'
import { parseTimeArgument } from '../time-argument.ts'
import { Progress } from '../progress.ts'
import { type BundleFile, readBundles } from '../proof-bundles.ts'
import { UnreadableParts } from '../unreadable-parts.ts'

const HELP = `Usage: tokentrail verify PATH... --root KEY [options]
       tokentrail verify BUNDLE... --root KEY [--json]

Verifies exported records offline, in any order, with duplicates, several logs mixed. Needs
nothing but the export and a public key. It reads files and folders of OTLP JSON, S3 objects
(otlp_json, body), hits, documents and search responses of Elasticsearch and OpenSearch, rows,
results, tables (CSV) and events of Splunk, each also gzipped, and finds out which is which.
A BUNDLE is what "tokentrail prove" makes: a session or a record with its proof.
Traces, metrics, identity records and log records of others may stand beside them. Of a folder,
*.json, *.jsonl, *.ndjson, *.csv, *.gz, and *.txt that begin like JSON, are read.

  --root KEY       public root key, a JWK or JWK Set file; repeat for several
  --until TIME     a log that still runs is fine if it has a signed head past TIME (ISO 8601,
                   UTC when it names no zone)
  --since TIME     the export is a slice: records before TIME are not missed
  --route NAME     the export holds one framework's records only, and those of others are not
                   missed; "*" when it is whole; inferred when not given
  --registry PATH  the registry's own log: every log that it names must be there, and its heads
                   must be those of the export; repeat for several
  --policy FILE    witnesses of the registry that are trusted, and their quorum (C2SP tlog-policy)
  --authority FILE certificates (PEM) of time-stamp authorities that are trusted over the registry
  --checkpoint F   a signed checkpoint that was kept outside, by a witness or under Object Lock
  --json           the whole report as JSON
  --help

Exit codes:
   0  VALID_SEALED, VALID_UNTIL     2  wrong usage
   1  nothing to read, unreadable parts, or a registry, quorum, time-stamp or checkpoint that was
      named and does not bear the export out
  10  UNSEALED_END                20  MISSING            21  ALTERED          22  FORGED_DUP
  23  INSERTED                    24  FORK               25  MISSING_CHECKPOINT
  26  PROJECTION_DIFFERS          27  UNKNOWN_KEY, EXPIRED_KEY                28  MISSING_LOG
When several hold, the gravest decides; every finding is listed. A bundle is PROVEN (0), or not.

Examples:
  tokentrail verify export/ --root root.jwk.json
  tokentrail verify export/hipaa.jsonl --root root.jwk.json --until 2026-11-24T12:00:00Z --json
  tokentrail verify splunk.csv --root root.jwk.json --since 2026-11-24T11:00:00Z
`

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

function verifyOptions(flags: Flags) {
  const [until, since] = [valueOf(flags, 'until'), valueOf(flags, 'since')]
  const route = parseRoute(flags)
  return {
    ...(until !== undefined && { until: parseTimeArgument('until', until) }),
    ...(since !== undefined && { since: parseTimeArgument('since', since) }),
    ...(route !== undefined && { route }),
    roots: readRootKeys(valuesOf(flags, 'root')),
    ...readAnchorOptions(flags),
  }
}

async function verifyBundles(
  bundles: readonly BundleFile[],
  flags: Flags,
  io: Io,
): Promise<number> {
  const wrong = ['until', 'since', 'route', ...ANCHOR_FLAGS].find((name) => name in flags)
  if (wrong !== undefined) {
    throw new CliError('ERR_CLI_USAGE', `--${wrong} is for exports, not for bundles`)
  }
  const roots = readRootKeys(valuesOf(flags, 'root'))
  const reports: (BundleReport & { readonly file: string })[] = []
  for (const { path, text } of bundles) {
    reports.push({ file: path, ...(await verifyProofBundle(text, roots)) })
  }
  if (flags['json'] === true) io.out(formatJson(reports.length === 1 ? reports[0] : reports))
  else io.out(reports.map(formatBundle).join('\n'))
  return Math.max(...reports.map(({ exitCode }) => exitCode))
}

async function run(args: readonly string[], io: Io): Promise<number> {
  const { flags, positionals } = parseCommandArgs(args, {
    booleans: ['help', 'json'],
    values: ['root', 'until', 'since', 'route', ...ANCHOR_FLAGS],
  })
  const paths = checkInput(positionals, flags)
  const options = verifyOptions(flags)
  const bundles = await readBundles(paths)
  if (bundles.length > 0) return verifyBundles(bundles, flags, io)
  const registries = checkReadable('--registry', valuesOf(flags, 'registry'))
  const unreadable = new UnreadableParts()
  const progress = new Progress(io, flags['json'] === true)
  const shards = readShards([...paths, ...registries], {
    onUnreadable: (part) => unreadable.add(part),
    onProgress: (read) => progress.tell(read),
  })
  const report = await verifyShards(shards, {
    ...options,
    onProgress: (count) => progress.count(count),
  })
  progress.clear()
  if (flags['json'] === true) {
    const { kept, count } = unreadable
    io.out(formatJson({ ...report, unreadable: kept, unreadableParts: count }))
  } else io.out(formatVerification(report, unreadable))
  const isWhole = unreadable.count === 0 && checkAnchors(report, registries.length > 0, io)
  return report.exitCode === 0 && !isWhole ? EXIT_FAILURE : report.exitCode
}

/** What was named to speak for the logs, and does not, would let a rewrite or a missing log pass. */
function checkAnchors(report: VerificationReport, isRegistryNamed: boolean, io: Io): boolean {
  const hasRegistry = report.remarks.some((remark) => remark.startsWith('The registry '))
  const problems = [
    ...(isRegistryNamed && !hasRegistry ? ['--registry holds no registry under this root'] : []),
    ...report.shortfalls,
  ]
  for (const problem of problems) io.err(`tokentrail verify: ${problem}`)
  return problems.length === 0
}

/** `tokentrail verify`. */
export const verify: Command = {
  name: 'verify',
  summary: 'verify exported records offline',
  help: HELP,
  run,
}
