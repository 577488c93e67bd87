import { LedgerError } from './errors.ts'

/**
 * Routes of consecutive leaves, run-length encoded: so many leaves, the routes that each of them
 * belongs to. `[]` is the default route, `['*']` every route.
 */
export type RouteRun = readonly [count: number, routes: readonly string[]]

/** Encodes the routes of leaves, in their order, as the `routes` member of a checkpoint record. */
export function encodeRoutes(routesOfLeaves: Iterable<readonly string[]>): RouteRun[] {
  const runs: [number, readonly string[]][] = []
  for (const routes of routesOfLeaves) {
    const last = runs.at(-1)
    if (last !== undefined && isSameRoutes(last[1], routes)) last[0]++
    else runs.push([1, routes])
  }
  return runs
}

/**
 * Decodes the `routes` member of a checkpoint record.
 *
 * @param leafCount - Number of leaves that the runs must cover exactly.
 * @throws {@link LedgerError} `ERR_LEDGER_RECORD_MALFORMED`
 */
export function decodeRoutes(value: unknown, leafCount: number): readonly RouteRun[] {
  if (!Array.isArray(value)) throw malformed('is not an array')
  let covered = 0
  for (const run of value as readonly unknown[]) {
    if (!isRouteRun(run)) throw malformed('holds a run that is not [count, [route, …]]')
    covered += run[0]
  }
  if (covered !== leafCount) throw malformed('covers another number of leaves than the record')
  return value as readonly RouteRun[]
}

function isRouteRun(run: unknown): run is RouteRun {
  if (!Array.isArray(run) || run.length !== 2) return false
  const [count, routes] = run as readonly unknown[]
  if (!Number.isSafeInteger(count) || (count as number) < 1) return false
  return Array.isArray(routes) && routes.every((route) => typeof route === 'string')
}

function isSameRoutes(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((route, i) => route === b[i])
}

function malformed(what: string): LedgerError {
  return new LedgerError('ERR_LEDGER_RECORD_MALFORMED', `"routes" of a checkpoint ${what}`)
}
