import { EVERY_ROUTE } from '../verify/route-survey.ts'
import { EXIT_CODES } from '../verify/verdict.ts'
import { type ExportShelf, type LogShelf, type NamedExport, shelveExport } from './export-shelf.ts'
import { type Difference, IndexRuns } from './index-runs.ts'
import { RouteTable } from './record-routes.ts'

/** How exports are compared. */
export interface ReconcileOptions {
  /**
   * Every export is to hold every record. Default is `false`: one whose ordinary records all belong
   * to one route is the export of that route, and records of others are not missed in it.
   */
  readonly whole?: boolean
  /** Called with the number of records read of an export. */
  readonly onProgress?: (records: number, name: string) => void
}

/** What was read of one export. */
export interface ReconciledExport {
  readonly name: string
  /** Log records read, copies and identity records included. */
  readonly records: number
  readonly identities: number
  /** Exact copies of records already read. */
  readonly duplicates: number
  /** Bodies that are no records. */
  readonly broken: number
  /** Attributes and fields that differ from the text that they stand beside. */
  readonly differingCopies: number
  /** The one route that it is taken to be of. */
  readonly route?: string
  /** Records of other routes that it lacks, and may lack. */
  readonly notRouted: number
}

/** What differs of one log. */
export interface ReconciledLog {
  readonly log: string
  /** Distinct records over all exports. */
  readonly records: number
  /** By index. */
  readonly differences: readonly Difference[]
  /** Runs of indexes beyond the first 1,000. */
  readonly omittedDifferences: number
}

/** The outcome of {@link reconcileExports}; plain JSON. */
export interface ReconcileReport {
  /**
   * `SAME`; `MISSING` when some export lacks a record that it should have; `DIFFERENT` when two
   * texts claim one place, which is graver.
   */
  readonly outcome: 'SAME' | 'MISSING' | 'DIFFERENT'
  /** Exit code of a program that prints it: 0, 20 or 22, and 1 when there is nothing to compare. */
  readonly exitCode: number
  readonly exports: readonly ReconciledExport[]
  /** Logs that any export has, by origin. */
  readonly logs: readonly ReconciledLog[]
  /** Records that are missing somewhere, and records of which there are different texts. */
  readonly missing: number
  readonly different: number
}

/**
 * Compares exports of the same logs record by record: what is in one and missing or different in
 * another, by log and index. It proves nothing and needs no key; whether what they agree on is true
 * is for {@link verifyLogs}. Each export is read once, in any order; 60 bytes are kept of a record.
 *
 * @throws TypeError for fewer than two exports or names that are not distinct. An error of a reader
 *   is passed on.
 */
export async function reconcileExports(
  exports: readonly NamedExport[],
  options: ReconcileOptions = {},
): Promise<ReconcileReport> {
  if (exports.length < 2) throw new TypeError('"exports" must be two or more')
  if (new Set(exports.map(({ name }) => name)).size < exports.length) {
    throw new TypeError('"exports" must have distinct names')
  }
  const table = new RouteTable()
  const shelves: ExportShelf[] = []
  for (const one of exports) {
    shelves.push(await shelveExport(one, table, (count) => options.onProgress?.(count, one.name)))
  }
  return new Reconciliation(shelves, table, options).run()
}

/** An export while it is compared. */
interface Side {
  readonly shelf: ExportShelf
  readonly route: string | undefined
  notRouted: number
}

/** One use. */
class Reconciliation {
  readonly #sides: readonly Side[]
  readonly #table: RouteTable
  #missing = 0
  #different = 0

  constructor(shelves: readonly ExportShelf[], table: RouteTable, { whole }: ReconcileOptions) {
    this.#table = table
    this.#sides = shelves.map((shelf) => ({
      shelf,
      // Of several the first: which of them it is makes no difference to what may be missing.
      route: whole === true ? undefined : [...shelf.commonRoutes].sort()[0],
      notRouted: 0,
    }))
  }

  run(): ReconcileReport {
    const origins = new Set(this.#sides.flatMap(({ shelf }) => [...shelf.logs.keys()]))
    const logs = [...origins].sort().map((log) => this.#compareLog(log))
    const outcome = this.#different > 0 ? 'DIFFERENT' : this.#missing > 0 ? 'MISSING' : 'SAME'
    const code = { SAME: 0, MISSING: EXIT_CODES.MISSING, DIFFERENT: EXIT_CODES.FORGED_DUP }[outcome]
    return {
      outcome,
      exitCode: logs.length === 0 ? EXIT_CODES.NO_RECORDS : code,
      exports: this.#sides.map(describe),
      logs,
      missing: this.#missing,
      different: this.#different,
    }
  }

  #compareLog(log: string): ReconciledLog {
    const cursors = this.#sides.map((side) => new ShelfCursor(side, side.shelf.logs.get(log)))
    const runs = new IndexRuns()
    let records = 0
    for (;;) {
      const index = Math.min(...cursors.map((cursor) => cursor.index))
      if (index === Infinity) break
      records += this.#compareIndex(index, cursors, runs)
    }
    runs.flush()
    return { log, records, differences: runs.kept, omittedDifferences: runs.omitted }
  }

  /** Returns the number of different texts at an index. */
  #compareIndex(index: number, cursors: readonly ShelfCursor[], runs: IndexRuns): number {
    const holders = cursors.filter((cursor) => cursor.index === index)
    const routes = this.#table.routesOf(holders[0]!.routes)
    const lacking = cursors.filter((cursor) => cursor.index !== index && cursor.misses(routes))
    const texts = new Set(holders.flatMap((cursor) => cursor.takeHashes()))
    const kind = texts.size > 1 ? 'different' : 'missing'
    if (texts.size > 1) this.#different++
    if (lacking.length > 0) this.#missing++
    if (texts.size > 1 || lacking.length > 0) {
      const names = (list: readonly ShelfCursor[]) => list.map(({ name }) => name)
      runs.add({ kind, index, in: names(holders), notIn: names(lacking) }, routes)
    }
    return texts.size
  }
}

/** Walks the records of one log in one export. */
class ShelfCursor {
  readonly #side: Side
  readonly #log: LogShelf | undefined
  #at = 0

  constructor(side: Side, log: LogShelf | undefined) {
    this.#side = side
    this.#log = log
  }

  get name(): string {
    return this.#side.shelf.name
  }

  /** The index that comes next; infinite at the end. */
  get index(): number {
    const row = this.#log?.rows[this.#at]
    return row === undefined ? Infinity : this.#log!.leaves.indexAt(row)
  }

  /** Number of the routes of the record that comes next. */
  get routes(): number {
    return this.#log!.routes[this.#log!.rows[this.#at]!] ?? -1
  }

  /** Tells whether this export should have a record of these routes, and counts it if not. */
  misses(routes: readonly string[]): boolean {
    const { route } = this.#side
    if (route === undefined || routes.includes(EVERY_ROUTE) || routes.includes(route)) return true
    this.#side.notRouted++
    return false
  }

  /** Takes all records of the index that comes next, and returns their leaf hashes. */
  takeHashes(): string[] {
    const { index } = this
    const hashes: string[] = []
    while (this.index === index) {
      hashes.push(String.fromCharCode(...this.#log!.leaves.hashAt(this.#log!.rows[this.#at++]!)))
    }
    return hashes
  }
}

function describe({ shelf, route, notRouted }: Side): ReconciledExport {
  const { name, records, identities, broken, differingCopies, logs } = shelf
  let duplicates = 0
  for (const { leaves, rows } of logs.values()) duplicates += leaves.count - rows.length
  return {
    name,
    records,
    identities,
    duplicates,
    broken,
    differingCopies,
    ...(route !== undefined && { route }),
    notRouted,
  }
}
