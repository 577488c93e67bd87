import type { Disk } from '../disk/disk.ts'
import { closeQuietly } from '../disk/files.ts'

const SUFFIX = '.unflushed'

/**
 * Notes that a flush of a segment has failed: the empty file `<segment>.unflushed`. The kernel
 * takes its pages for clean from then on, whoever flushes them later, so whoever adopts the log
 * writes the segment again. The note need not survive a power cut, which the pages do not survive
 * either. A disk that takes no note is as it was before.
 *
 * @param path - Of the segment.
 */
export function noteUnflushed(disk: Disk, path: string): void {
  try {
    if (!isUnflushed(disk, path)) closeQuietly(disk, disk.open(`${path}${SUFFIX}`, 'create'))
  } catch {
    // The disk that does not flush may refuse this too.
  }
}

export function isUnflushed(disk: Disk, path: string): boolean {
  return disk.stat(`${path}${SUFFIX}`) !== undefined
}

/** Its frames stand where a flush can reach them. */
export function clearUnflushed(disk: Disk, path: string): void {
  if (isUnflushed(disk, path)) disk.remove(`${path}${SUFFIX}`)
}

export function isUnflushedNote(path: string): boolean {
  return path.endsWith(SUFFIX)
}
