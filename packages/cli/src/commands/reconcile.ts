import { readExportBatches } from '@tokentrail/exporter'
import { reconcileExports } from '@tokentrail/ledger'
import { parseCommandArgs } from '../args.ts'
import type { Command } from '../command.ts'
import { CliError } from '../errors.ts'
import { EXIT_FAILURE } from '../exit-code.ts'
import type { Io } from '../io.ts'
import { formatReconciliation } from '../output/reconciliation.ts'
import { formatJson } from '../output/unprintable.ts'
import { formatUnreadable } from '../output/unreadable.ts'
import { checkPaths } from '../paths.ts'
import { Progress } from '../progress.ts'
import { UnreadableParts } from '../unreadable-parts.ts'

const HELP = `Usage: tokentrail reconcile A B [C...] [options]

Compares exports of the same logs from several backends, record by record: what is in one and
missing or different in another, by log and index. A, B, C are files or folders in any shape that
verify reads. It needs no key and proves nothing: verify says whether what they agree on is true.

  --whole          every export is to hold every record; else one whose ordinary records all
                   belong to one framework is taken for the export of that route
  --json           the whole report as JSON
  --help

Exit codes: 0 the same; 1 nothing to compare, or unreadable parts; 2 wrong usage;
20 records are missing somewhere; 22 there are different texts of one record.

Example:
  tokentrail reconcile elastic/ splunk.csv s3/
`

async function run(args: readonly string[], io: Io): Promise<number> {
  const { flags, positionals } = parseCommandArgs(args, {
    booleans: ['help', 'json', 'whole'],
    values: [],
  })
  const paths = checkPaths(positionals)
  if (paths.length < 2 || new Set(paths).size < paths.length) {
    throw new CliError('ERR_CLI_USAGE', 'name two exports or more, each once')
  }
  const unreadable = new UnreadableParts()
  const progress = new Progress(io, flags['json'] === true)
  const exports = paths.map((path) => ({
    name: path,
    records: readExportBatches([path], {
      onUnreadable: (part) => unreadable.add(part),
      onProgress: (read) => progress.tell(read),
    }),
  }))
  const report = await reconcileExports(exports, {
    whole: flags['whole'] === true,
    onProgress: (records) => progress.count(records),
  })
  progress.clear()
  if (flags['json'] === true) {
    const { kept, count } = unreadable
    io.out(formatJson({ ...report, unreadable: kept, unreadableParts: count }))
  } else {
    io.out(formatReconciliation(report))
    for (const line of formatUnreadable(unreadable)) io.err(`tokentrail reconcile: ${line}`)
  }
  return report.exitCode === 0 && unreadable.count > 0 ? EXIT_FAILURE : report.exitCode
}

/** `tokentrail reconcile`. */
export const reconcile: Command = {
  name: 'reconcile',
  summary: 'compare exports of several backends',
  help: HELP,
  run,
}
