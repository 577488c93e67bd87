import { LeafClaims } from './leaf-claims.ts'
import { RouteCursor, type LogAnalysis } from './log-analysis.ts'

/** The route of every leaf that goes everywhere. */
export const EVERY_ROUTE = '*'

/** Tells whether a leaf of these routes belongs into an export of one route. */
export function isOnRoute(routes: readonly string[] | undefined, route: string): boolean {
  return routes === undefined || routes.includes(EVERY_ROUTE) || routes.includes(route)
}

/**
 * Finds the one route that an incomplete export is of: every ordinary record at hand belongs to it,
 * and of all such routes it is the one that leaves the fewest records unexplained. A complete
 * export, one without ordinary records, or one where no route explains anything, is of none.
 */
export function inferRoute(logs: readonly LogAnalysis[]): string | undefined {
  let candidates: readonly string[] | undefined
  const missing = new Map<string, { readonly routes: readonly string[]; count: number }>()
  for (const log of logs) {
    if (log.rows.length >= log.rebuilt.signedSize - log.start) continue
    for (const { routes, isPresent } of listOrdinaryLeaves(log)) {
      if (isPresent) candidates = (candidates ?? routes).filter((route) => routes.includes(route))
      else countMissing(missing, routes)
    }
  }
  const unexplained = (route: string): number =>
    [...missing.values()].reduce(
      (sum, { routes, count }) => sum + (routes.includes(route) ? count : 0),
      0,
    )
  const all = [...missing.values()].reduce((sum, { count }) => sum + count, 0)
  const [best] = [...new Set(candidates)].sort().sort((a, b) => unexplained(a) - unexplained(b))
  return best !== undefined && unexplained(best) < all ? best : undefined
}

/**
 * Whether an export can be of a route: some leaf belongs to it, or there is no ordinary record at
 * hand. A misspelt name would otherwise excuse every missing record.
 */
export function canBeOfRoute(logs: readonly LogAnalysis[], route: string): boolean {
  let isOfOthers = false
  for (const log of logs) {
    for (const { routes, isPresent } of listOrdinaryLeaves(log)) {
      if (routes.includes(route)) return true
      isOfOthers ||= isPresent
    }
  }
  return !isOfOthers
}

function countMissing(
  missing: Map<string, { readonly routes: readonly string[]; count: number }>,
  routes: readonly string[],
): void {
  const key = JSON.stringify(routes)
  const entry = missing.get(key)
  if (entry === undefined) missing.set(key, { routes, count: 1 })
  else entry.count++
}

function* listOrdinaryLeaves(
  log: LogAnalysis,
): Generator<{ readonly routes: readonly string[]; readonly isPresent: boolean }> {
  const claims = new LeafClaims(log.evidence.leaves, log.rows, log.checkpoints)
  const cursor = new RouteCursor(log)
  for (const run of log.rebuilt.proven) {
    for (let index = Math.max(run.start, log.start); index < run.end; index++) {
      const routes = cursor.at(index)
      if (routes === undefined || routes.includes(EVERY_ROUTE)) continue
      const [start, end] = claims.rowsOf(index)
      yield { routes, isPresent: start < end }
    }
  }
}
