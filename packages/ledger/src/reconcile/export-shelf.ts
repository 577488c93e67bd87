import { Intake } from '../verify/intake.ts'
import type { ExportedRecords } from '../verify/exported-record.ts'
import { LeafColumn } from '../verify/leaf-column.ts'
import { EVERY_ROUTE } from '../verify/route-survey.ts'
import { type RouteTable, readRoutes } from './record-routes.ts'

/** An export that is compared with others. */
export interface NamedExport {
  readonly name: string
  readonly records: ExportedRecords
}

/** The records of one log in one export, by index, without copies. */
export interface LogShelf {
  readonly leaves: LeafColumn
  readonly rows: Uint32Array
  /** Number of the routes of each row. */
  readonly routes: readonly number[]
}

/** One export, as far as it is compared: 60 bytes a record. */
export interface ExportShelf {
  readonly name: string
  readonly logs: ReadonlyMap<string, LogShelf>
  /** Log records read, copies and identities included. */
  readonly records: number
  readonly identities: number
  /** Bodies that are no records; those that name a place in a log are compared all the same. */
  readonly broken: number
  /** Copies beside a text that differ from it. */
  readonly differingCopies: number
  /** The one route that every ordinary record of it belongs to. */
  readonly commonRoutes: readonly string[]
}

/** Reads an export. */
export async function shelveExport(
  { name, records }: NamedExport,
  table: RouteTable,
  onProgress?: (records: number) => void,
): Promise<ExportShelf> {
  const routes = new Map<string, number[]>()
  let common: readonly string[] | undefined
  const intake = new Intake({
    onProgress,
    onRecord(head, text) {
      const own = readRoutes(head, text)
      if (!own.includes(EVERY_ROUTE)) {
        common = common?.filter((route) => own.includes(route)) ?? own
      }
      const numbers = routes.get(head.log) ?? []
      // By row: bodies that are no records have rows too, and no routes.
      numbers[intake.logs.get(head.log)!.leaves.count - 1] = table.numberOf(own)
      routes.set(head.log, numbers)
    },
  })
  await intake.takeAll(records)
  const counts = intake.findings.sorted().map(({ verdict }) => verdict)
  return {
    name,
    logs: new Map(
      [...intake.logs].map(([log, { leaves }]) => [
        log,
        { leaves, rows: leaves.sortedRows(), routes: routes.get(log) ?? [] },
      ]),
    ),
    records: intake.records,
    identities: intake.identities,
    broken: counts.filter((verdict) => verdict === 'ALTERED').length,
    differingCopies: counts.filter((verdict) => verdict === 'PROJECTION_DIFFERS').length,
    commonRoutes: common ?? [],
  }
}
