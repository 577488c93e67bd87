import { describe, expect, it } from 'vitest'
import type { Disk } from '../../src/disk/disk.ts'
import { nodeDisk } from '../../src/disk/node-disk.ts'
import { listSegments, segmentPath } from '../../src/journal/layout.ts'
import { recoverLog } from '../../src/journal/recovery.ts'
import { deadLog } from '../support/dead-log.ts'

/** Paths in the order in which they were flushed. */
function watchFlushes(): { disk: Disk; flushed: string[] } {
  const paths = new Map<number, string>()
  const flushed: string[] = []
  const disk: Disk = {
    ...nodeDisk,
    open: (path, mode) => {
      const descriptor = nodeDisk.open(path, mode)
      paths.set(descriptor, path)
      return descriptor
    },
    syncData: (descriptor) => {
      nodeDisk.syncData(descriptor)
      flushed.push(paths.get(descriptor) ?? '')
    },
    syncDirectory: (path) => {
      nodeDisk.syncDirectory(path)
      flushed.push(path)
    },
  }
  return { disk, flushed }
}

describe('what a killed process has left', () => {
  it('is on disk, with its names, before anybody can say how the log ended', () => {
    const { log, size, directory } = deadLog(400, 10)
    log.closeJournal()
    const { disk, flushed } = watchFlushes()
    const segments = listSegments(nodeDisk, directory).map((first) => segmentPath(directory, first))
    expect(segments.length).toBeGreaterThan(1)
    expect(recoverLog(disk, directory)?.end?.size).toBe(size)
    expect(flushed).toEqual([...segments, directory])
  })
})
