import type { Disk } from './disk/disk.ts'
import { nodeDisk } from './disk/node-disk.ts'
import { readCursor } from './journal/cursor.ts'
import { listSegments, logPaths } from './journal/layout.ts'
import { isCopied, readSegment } from './journal/log-reader.ts'
import type { JournalDamage } from './journal/quarantine.ts'
import { type RebuiltEnd, rebuildEnd } from './journal/rebuild.ts'
import { formatSegmentName } from './journal/segment.ts'

/** What {@link checkLog} finds. */
export interface LogCheck {
  readonly directory: string
  readonly segments: number
  /** Each counted once: after a failed flush some stand in two files, byte by byte. */
  readonly records: number
  readonly identities: number
  /** Bytes that are no frame, a torn write at the very end included. */
  readonly damage: readonly JournalDamage[]
  /** Record indexes that should be there and are not. */
  readonly missing: readonly number[]
  /** What the records say of the whole log; absent when they do not reach back to a known tree. */
  readonly end?: RebuiltEnd
  /** First index and offset up to which it was delivered. */
  readonly delivered?: { readonly segment: number; readonly offset: number }
}

/**
 * Recomputes everything in a log's directory from its frames and trusts nothing else: checksums,
 * indexes, leaf hashes against the log's own checkpoints. It reads only, takes no lock, and may run
 * beside the process that writes.
 */
export function checkLog(directory: string, disk: Disk = nodeDisk): LogCheck {
  const contents = listSegments(disk, directory).map((first) => readSegment(disk, directory, first))
  const records = contents.flatMap((content) => content.records)
  const damage = contents.flatMap((content, at) => {
    const next = contents[at + 1]
    const tail = content.tail && !(next && isCopied(content, next)) ? [content.tail] : []
    const found = [...content.damage, ...tail]
    return found.map((part) => ({ ...part, segment: formatSegmentName(content.firstIndex) }))
  })
  const end = rebuildEnd(records)
  const delivered = readCursor(disk, logPaths(directory).cursor)
  return {
    directory,
    segments: contents.length,
    records: new Set(records.map(({ index }) => index)).size,
    identities: contents.reduce((sum, content) => sum + content.identities, 0),
    damage,
    missing: findMissing(records.map(({ index }) => index)),
    ...(end ? { end } : {}),
    ...(delivered ? { delivered } : {}),
  }
}

function findMissing(indexes: readonly number[]): number[] {
  const missing: number[] = []
  for (const [at, index] of indexes.entries()) {
    const before = indexes[at - 1] ?? index - 1
    for (let gap = before + 1; gap < index; gap++) missing.push(gap)
  }
  return missing
}
