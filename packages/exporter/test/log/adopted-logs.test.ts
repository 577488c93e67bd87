import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { expect, it } from 'vitest'
import type { Disk } from '../../src/disk/disk.ts'
import { nodeDisk } from '../../src/disk/node-disk.ts'
import { temporaryFolder } from '../support/folder.ts'
import { openTestLog, requestDraft } from '../support/open.ts'

const takeLock = () => ({ release: () => undefined })

/** The folder of a log whose process is taken for dead. */
function leaveLog() {
  const directory = temporaryFolder()
  const { log } = openTestLog({ directory }, { takeLock })
  log.append(requestDraft(0))
  const uuid = log.origin.split('/')[2] ?? ''
  return { directory, end: join(directory, 'journal', 'orders', 'slot-0', uuid, 'end.json') }
}

it('the end of a dead log is settled once the record of it is on disk', () => {
  const { directory, end } = leaveLog()
  const calls: string[] = []
  const descriptors = new Map<number, string>()
  const disk: Disk = {
    ...nodeDisk,
    open: (path, mode) => {
      const descriptor = nodeDisk.open(path, mode)
      descriptors.set(descriptor, basename(path))
      return descriptor
    },
    syncData: (descriptor) => {
      calls.push(`fdatasync ${descriptors.get(descriptor)}`)
      nodeDisk.syncData(descriptor)
    },
    rename: (from, to) => {
      calls.push(`rename ${basename(to)}`)
      nodeDisk.rename(from, to)
    },
  }
  openTestLog({ directory }, { takeLock, disk })
  expect(existsSync(end)).toBe(true)
  expect(calls.slice(-3)).toEqual([
    'fdatasync 0000000000000000.seg',
    expect.stringMatching(/^fdatasync end\.json/),
    'rename end.json',
  ])
})

it('the end of a dead log stays open for the next process when it is not', () => {
  const { directory, end } = leaveLog()
  let flushes = 0
  const disk: Disk = {
    ...nodeDisk,
    syncData: (descriptor) => {
      // The envelope and the head of the segment, then what was said of the dead log.
      if (++flushes > 2) throw Object.assign(new Error('EIO'), { code: 'EIO' })
      nodeDisk.syncData(descriptor)
    },
  }
  const { log } = openTestLog({ directory }, { takeLock, disk })
  expect(existsSync(end)).toBe(false)
  expect(log.state()).toMatchObject({ lost: 0, able: true })
})
