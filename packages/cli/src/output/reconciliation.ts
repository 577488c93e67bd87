import type { Difference, ReconcileReport, ReconciledExport } from '@tokentrail/ledger'
import { formatTable } from './table.ts'
import { escapeUnprintable } from './unprintable.ts'

const MAX_SHOWN = 50

function formatRange({ index, lastIndex }: Difference): string {
  return lastIndex === undefined ? String(index) : `${index}-${lastIndex}`
}

function formatRoutes(routes: Difference['routes']): string {
  return Object.entries(routes)
    .map(([route, count]) => `${route === '' ? 'default' : route} ${count}`)
    .join(', ')
}

function describeExport(one: ReconciledExport): readonly string[] {
  const route = one.route === undefined ? '-' : `${one.route} (${one.notRouted} of others)`
  return [one.name, String(one.records), String(one.duplicates), route]
}

function formatRemarks(exports: readonly ReconciledExport[]): string {
  return exports
    .flatMap(({ name, broken, differingCopies }) => [
      broken > 0 ? `${name}: ${broken} bodies are no records` : '',
      differingCopies > 0 ? `${name}: ${differingCopies} attributes differ from their records` : '',
    ])
    .filter((line) => line !== '')
    .map((line) => `Note: ${escapeUnprintable(line)}\n`)
    .join('')
}

/** Formats a comparison of exports for people. */
export function formatReconciliation(report: ReconcileReport): string {
  const { exports, logs, missing, different, outcome } = report
  const rows = logs.flatMap(({ log, differences }) =>
    differences.map((found) => [
      found.kind,
      log,
      formatRange(found),
      found.in.join(', '),
      found.notIn.length === 0 ? '-' : found.notIn.join(', '),
      formatRoutes(found.routes),
    ]),
  )
  const more =
    Math.max(0, rows.length - MAX_SHOWN) +
    logs.reduce((sum, { omittedDifferences }) => sum + omittedDifferences, 0)
  const all = logs.reduce((sum, { records }) => sum + records, 0)
  return [
    formatTable(['EXPORT', 'RECORDS', 'COPIES', 'ROUTE'], exports.map(describeExport)),
    rows.length > 0
      ? formatTable(
          ['DIFFERENCE', 'LOG', 'INDEX', 'IN', 'NOT IN', 'ROUTES'],
          rows.slice(0, MAX_SHOWN),
        ) + (more > 0 ? `and ${more} more ranges (--json lists them)\n` : '')
      : '',
    formatRemarks(exports),
    `${outcome}: of ${all} records in ${logs.length} logs, ${missing} are missing somewhere and ${different} differ\n`,
  ]
    .filter((part) => part !== '')
    .join('\n')
}
