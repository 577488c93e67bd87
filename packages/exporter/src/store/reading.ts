import type { ExportedRecord, RecordSource } from '@tokentrail/ledger'

/** Something of a file that could not be read. */
export interface Problem {
  /** From 1. */
  readonly line: number
  /** A few words that quote nothing of the content. */
  readonly reason: string
}

/** What a piece of a file gave; `Plain` is what its reader makes of plain records. */
export interface Reading<Plain = never> {
  readonly records: readonly (ExportedRecord | Plain)[]
  readonly problems: readonly Problem[]
}

/** Nothing of ours, and nothing wrong. */
export const NOTHING: Reading = Object.freeze({ records: [], problems: [] })

/** A piece that cannot be read. */
export function unreadable({ line }: RecordSource, reason: string): Reading {
  return { records: [], problems: [{ line, reason }] }
}

/** Puts readings together, in their order. */
export function joinReadings<Plain = never>(readings: readonly Reading<Plain>[]): Reading<Plain> {
  if (readings.length === 1) return readings[0]!
  return {
    records: readings.flatMap(({ records }) => records),
    problems: readings.flatMap(({ problems }) => problems),
  }
}
