import { join } from 'node:path'
import type { LostRun } from '@tokentrail/ledger'
import type { Disk } from './disk/disk.ts'
import { nodeDisk } from './disk/node-disk.ts'
import { readCursor } from './journal/cursor.ts'
import { readEnd } from './journal/end.ts'
import { listSegments, logPaths } from './journal/layout.ts'
import { listDamage } from './journal/log-damage.ts'
import { readSegment } from './journal/log-reader.ts'
import { type JournalDamage, isSetAside, isStated } from './journal/quarantine.ts'
import { type RebuiltEnd, rebuildEnd } from './journal/rebuild.ts'
import { formatSegmentName } from './journal/segment.ts'

/** Bytes that were copied or moved before anybody went on behind them. */
export interface SetAside {
  readonly file: string
  readonly bytes: number
}

/** What {@link checkLog} finds. */
export interface LogCheck {
  readonly directory: string
  readonly segments: number
  /** Each counted once: after a failed flush some stand in two files, byte by byte. */
  readonly records: number
  readonly identities: number
  /**
   * Bytes that are no frame, a torn write at the very end included; without those that a signed
   * record says are damaged.
   */
  readonly damage: readonly JournalDamage[]
  /** Record indexes that should be there and are not; without those that are signed for as lost. */
  readonly missing: readonly number[]
  /** Record indexes that are not there, as a signed record says. */
  readonly lost: readonly number[]
  /** Copies of bytes that were torn, damaged or replaced, by file name. */
  readonly setAside: readonly SetAside[]
  /** What the records say of the whole log; absent when they do not reach back to a known tree. */
  readonly end?: RebuiltEnd
  /** First index and offset up to which it was delivered. */
  readonly delivered?: { readonly segment: number; readonly offset: number }
}

/**
 * Recomputes everything in a log's directory from its frames and trusts nothing else: checksums,
 * indexes, leaf hashes against the log's own checkpoints. What was set aside and signed for, as the
 * names of the copies and `end.json` say, is told apart from what nobody has seen yet. It reads
 * only, takes no lock, and may run beside the process that writes.
 */
export function checkLog(directory: string, disk: Disk = nodeDisk): LogCheck {
  const contents = listSegments(disk, directory).map((first) => readSegment(disk, directory, first))
  const records = contents.flatMap((content) => content.records)
  const end = rebuildEnd(records)
  const all = listDamage(contents)
  const stated = all.filter((found) => isStated(disk, directory, found))
  const absent = findMissing(records.map(({ index }) => index))
  const isLost = withinRuns([...stated.map(toRun), ...signedLosses(disk, directory, end)])
  const delivered = readCursor(disk, logPaths(directory).cursor)
  const last = contents.at(-1)
  const tail = last?.tail && { ...last.tail, segment: formatSegmentName(last.firstIndex) }
  return {
    directory,
    segments: contents.length,
    records: new Set(records.map(({ index }) => index)).size,
    identities: contents.reduce((sum, content) => sum + content.identities, 0),
    damage: [...all.filter((found) => !stated.includes(found)), ...(tail ? [tail] : [])],
    missing: absent.filter((index) => !isLost(index)),
    lost: absent.filter(isLost),
    setAside: listSetAside(disk, directory),
    ...(end ? { end } : {}),
    ...(delivered ? { delivered } : {}),
  }
}

/** A successor has signed for what is lost, if the end that it named is the one that is there. */
function signedLosses(
  disk: Disk,
  directory: string,
  rebuilt: RebuiltEnd | undefined,
): readonly LostRun[] {
  const end = readEnd(disk, directory)
  return rebuilt && end?.root === rebuilt.root ? rebuilt.lost : []
}

function toRun({ firstIndex = 0, lastIndex = -1 }: JournalDamage): LostRun {
  return [firstIndex, lastIndex]
}

function withinRuns(runs: readonly LostRun[]): (index: number) => boolean {
  return (index) => runs.some(([first, last]) => first <= index && index <= last)
}

function listSetAside(disk: Disk, directory: string): SetAside[] {
  return disk
    .list(directory)
    .filter(isSetAside)
    .map((file) => ({ file, bytes: disk.stat(join(directory, file))?.size ?? 0 }))
}

function findMissing(indexes: readonly number[]): number[] {
  const missing: number[] = []
  for (const [at, index] of indexes.entries()) {
    const before = indexes[at - 1] ?? index - 1
    for (let gap = before + 1; gap < index; gap++) missing.push(gap)
  }
  return missing
}
