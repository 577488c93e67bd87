import { onTestFinished } from 'vitest'
import type { Position } from '../../src/journal/cursor.ts'
import { type Durability, Journal } from '../../src/journal/journal.ts'
import { listSegments } from '../../src/journal/layout.ts'
import { readSegment } from '../../src/journal/log-reader.ts'
import { type FaultyDisk, createFaultyDisk } from './faulty-disk.ts'
import { temporaryFolder } from './folder.ts'
import { LOG, wire } from './journal-bytes.ts'

/** A journal on a disk that does as it is told. */
export interface OpenedJournal {
  readonly disk: FaultyDisk
  readonly directory: string
  readonly journal: Journal
  readonly commits: Position[]
  readonly syncFailures: string[]
  /** Limits of waits that have not passed. */
  readonly overdue: (() => void)[]
  readonly late: string[]
  readonly append: (index: number) => void
  readonly texts: () => string[]
}

/** Opens a journal of records `record 0`, `record 1` … */
export function openJournal(
  segmentBytes = 65_536,
  durability: Durability = 'process',
): OpenedJournal {
  const disk = createFaultyDisk()
  const directory = temporaryFolder()
  const commits: Position[] = []
  const syncFailures: string[] = []
  const overdue: (() => void)[] = []
  const late: string[] = []
  const journal = new Journal({
    disk,
    directory,
    log: LOG,
    segmentBytes,
    durability,
    scheduler: (callback) => {
      overdue.push(callback)
      return () => void overdue.splice(overdue.indexOf(callback), 1)
    },
    maxWaitMillis: 1000,
    onSyncLate: () => void late.push('late'),
    onCommit: (end) => commits.push(end),
    onSyncFailure: (code) => syncFailures.push(code),
    onFault: (error) => {
      throw error
    },
  })
  onTestFinished(() => void journal.close())
  return {
    disk,
    directory,
    journal,
    commits,
    syncFailures,
    overdue,
    late,
    append: (index) => void journal.append([{ kind: 'record', index, ...wire(`record ${index}`) }]),
    texts: () =>
      listSegments(disk, directory).flatMap((first) =>
        readSegment(disk, directory, first).records.map(({ text }) => text),
      ),
  }
}
