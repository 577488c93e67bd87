import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
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

/** A disk that tells of each flush and each name that is given, and may fail a flush. */
function watchDisk(fails: (flushed: string) => boolean = () => false) {
  const calls: string[] = []
  const descriptors = new Map<number, string>()
  const disk: Disk = {
    ...nodeDisk,
    open: (path, mode) => {
      const descriptor = nodeDisk.open(path, mode)
      descriptors.set(descriptor, path)
      return descriptor
    },
    syncData: (descriptor) => {
      const path = descriptors.get(descriptor) ?? ''
      calls.push(`fdatasync ${path}`)
      if (fails(path)) throw Object.assign(new Error('EIO'), { code: 'EIO' })
      nodeDisk.syncData(descriptor)
    },
    rename: (from, to) => {
      calls.push(`rename ${to}`)
      nodeDisk.rename(from, to)
    },
  }
  return { disk, calls }
}

it('the end of a dead log is settled once the record of it is on disk', () => {
  const { directory, end } = leaveLog()
  const { disk, calls } = watchDisk()
  const { log } = openTestLog({ directory }, { takeLock, disk })
  const own = join(dirname(dirname(end)), log.origin.split('/')[2] ?? '', '0000000000000000.seg')
  expect(existsSync(end)).toBe(true)
  expect(calls.slice(-3)).toEqual([
    `fdatasync ${own}`,
    expect.stringContaining(`fdatasync ${end}`),
    `rename ${end}`,
  ])
})

it('the end of a dead log stays open for the next process when it is not', () => {
  const { directory, end } = leaveLog()
  let flushes = 0
  // The head of the adopter's first segment, then what it says of the dead log.
  const { disk } = watchDisk(
    (path) => path.endsWith('.seg') && dirname(path) !== dirname(end) && ++flushes > 1,
  )
  const { log } = openTestLog({ directory }, { takeLock, disk })
  expect(flushes).toBeGreaterThan(1)
  expect(existsSync(end)).toBe(false)
  expect(log.state()).toMatchObject({ lost: 0, able: true })
})

it('the record that holds the certificate is on disk before anything follows', () => {
  const calls: string[] = []
  const names = new Map<number, string>()
  const disk: Disk = {
    ...nodeDisk,
    open: (path, mode) => {
      const descriptor = nodeDisk.open(path, mode)
      names.set(descriptor, basename(path))
      return descriptor
    },
    write: (descriptor, ...rest) => {
      calls.push(`write ${names.get(descriptor)}`)
      return nodeDisk.write(descriptor, ...rest)
    },
    syncData: (descriptor) => {
      calls.push(`fdatasync ${names.get(descriptor)}`)
      nodeDisk.syncData(descriptor)
    },
  }
  openTestLog({ directory: temporaryFolder() }, { takeLock, disk })
  const own = calls.filter((call) => call.endsWith('.seg'))
  // The head of the segment, then record 0.
  const flushed = ['write 0000000000000000.seg', 'fdatasync 0000000000000000.seg']
  expect(own).toEqual([...flushed, ...flushed])
})
