import type { RecordRow } from '@tokentrail/viewer'
import { formatTable } from './table.ts'
import { formatNanos } from './time.ts'

const HEADER = ['TIME', 'EVENT', 'USER', 'CLIENT', 'REQUEST', 'STATUS', 'RESULT', 'SESSION']

const requestOf = ({ method, route }: RecordRow) =>
  [method, route].filter((part) => part !== null).join(' ') || '-'

const resultOf = ({ decision, reason }: RecordRow) =>
  [decision, reason].filter((part) => part !== null).join(': ') || '-'

/** Formats records as a table for people, newest first. */
export function formatRecords(rows: readonly RecordRow[]): string {
  return formatTable(
    HEADER,
    rows.map((row) => [
      formatNanos(row.time),
      row.type,
      row.user?.name ?? row.user?.hash ?? '-',
      row.client ?? '-',
      requestOf(row),
      row.status === null ? '-' : String(row.status),
      resultOf(row),
      row.session ?? '-',
    ]),
  )
}
