import type { DrainedSlot, ReplayedLog } from '@tokentrail/exporter'
import { formatTable } from './table.ts'
import { escapeUnprintable } from './unprintable.ts'

/** What became of the dead logs of one slot. */
export interface DrainedPlace extends DrainedSlot {
  readonly service: string
  readonly slot: string
  /** How many dead logs there were. */
  readonly logs: number
}

/** What `tokentrail drain` has done. */
export interface DrainReport {
  readonly directory: string
  /** Logs that a living process delivers itself. */
  readonly alive: number
  readonly places: readonly DrainedPlace[]
  readonly replayed?: ReplayedLog
  /** Why it gave up. */
  readonly failure?: string
}

/** Formats a report for people. */
export function formatDrained(report: DrainReport): string {
  const { directory, alive, places, replayed, failure } = report
  const parts = [
    replayed === undefined ? '' : formatReplayed(replayed),
    places.length > 0 ? formatPlaces(places) : '',
    places.length === 0 && replayed === undefined && failure === undefined
      ? `Nothing is left to deliver in ${directory}.\n`
      : '',
    ...places.flatMap(({ problems }) => problems.map((problem) => `${problem}\n`)),
    alive > 0 ? `${count(alive, 'log')} of living processes left to them.\n` : '',
    failure === undefined ? '' : `GIVEN UP: ${failure}\n`,
  ]
  return parts.map((part) => escapeLines(part)).join('')
}

function formatPlaces(places: readonly DrainedPlace[]): string {
  const rows = places.map((place) => [
    place.service,
    place.slot,
    String(place.logs),
    String(place.records),
    stateOf(place),
  ])
  return formatTable(['SERVICE', 'SLOT', 'DEAD LOGS', 'RECORDS', 'STATE'], rows)
}

function stateOf({ isDelivered, undeliveredBytes, blocked }: DrainedPlace): string {
  if (isDelivered) return 'delivered'
  const why = blocked === undefined ? '' : ` (${blocked})`
  return `NOT DELIVERED: ${undeliveredBytes} bytes are still there${why}`
}

function formatReplayed({ records, erased, rejected, damage }: ReplayedLog): string {
  const left = erased > 0 ? `, ${count(erased, 'erased identity record')} left out` : ''
  const lines = [`${count(records, 'record')} sent again${left}.`]
  for (const id of rejected) lines.push(`REFUSED  ${id}`)
  for (const { segment, offset, length } of damage) {
    lines.push(`DAMAGED  ${segment}: ${length} bytes at ${offset}`)
  }
  return lines.map((line) => `${line}\n`).join('')
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}

function escapeLines(text: string): string {
  return text.split('\n').map(escapeUnprintable).join('\n')
}
