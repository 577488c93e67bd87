import { readFileSync, readdirSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { nodeDisk } from '../../src/disk/node-disk.ts'
import { readSegment } from '../../src/journal/log-reader.ts'
import { type OpenedJournal, openJournal } from '../support/open-journal.ts'

/** Tells whether a promise has resolved, once everything that could has had its turn. */
async function isSettled(promise: Promise<void> | undefined): Promise<boolean> {
  let settled = false
  void promise?.then(() => (settled = true))
  await new Promise((resolve) => setImmediate(resolve))
  return settled
}

/** Ends the flush that waits, and waits until the next one was asked for or nobody waits. */
async function release({ disk }: OpenedJournal): Promise<void> {
  const { length } = disk.flushes
  disk.release()
  await vi.waitFor(() => expect(disk.flushes.length).toBeGreaterThan(length))
}

describe('a group flush', () => {
  it('is waited for by those whose frames it covers, and by nobody else', async () => {
    const opened = openJournal(undefined, 'disk')
    const { disk, journal, append } = opened
    disk.isHolding = true
    append(0)
    const first = journal.settled()
    expect(disk.flushes).toHaveLength(1)
    append(1)
    const second = journal.settled()
    append(2)
    expect(journal.settled()).toBe(second)
    expect(second).not.toBe(first)
    // One group in flight: nothing else was asked of the disk.
    expect(disk.flushes).toHaveLength(1)
    expect(await isSettled(first)).toBe(false)
    await release(opened)
    // The name of the file is flushed too before anybody goes on.
    expect(disk.flushes.at(-1)).toEqual(expect.any(String))
    expect(await isSettled(first)).toBe(false)
    await release(opened)
    await first
    expect(await isSettled(second)).toBe(false)
    disk.release()
    await second
    expect(journal.settled()).toBeUndefined()
  })

  it('is joined by whoever has nothing newer to wait for', () => {
    const { disk, journal, append } = openJournal(undefined, 'disk')
    disk.isHolding = true
    append(0)
    expect(journal.settled()).toBe(journal.settled())
  })

  it('lets nothing be delivered that it has not covered', async () => {
    const { disk, journal, append, commits } = openJournal(undefined, 'disk')
    append(0)
    await journal.settled()
    const end = journal.end
    expect(commits).toEqual([end])
    disk.isHolding = true
    append(1)
    void journal.settled()
    expect(commits).toEqual([end])
  })

  it('covers the segment that was left, the one that was begun, and its name', async () => {
    const { disk, journal, append, directory } = openJournal(150, 'disk')
    append(0)
    await journal.settled()
    disk.flushes.length = 0
    append(1)
    await journal.settled()
    expect(disk.flushes).toEqual([expect.any(Number), expect.any(Number), directory])
  })

  it('is not waited for longer than its limit, and says so', async () => {
    const { disk, journal, append, overdue, late } = openJournal(undefined, 'disk')
    disk.isHolding = true
    append(0)
    const waiting = journal.settled()
    overdue[0]?.()
    await waiting
    expect(late).toEqual(['late'])
  })

  it('is over at once on a disk that answers before it returns', async () => {
    const { disk, journal, append, commits } = openJournal(undefined, 'disk')
    disk.syncDataLater = (_, synced) => synced(null)
    disk.syncDirectoryLater = (_, synced) => synced(null)
    append(0)
    await journal.settled()
    expect(commits).toEqual([journal.end])
    expect(journal.settled()).toBeUndefined()
  })

  it('goes on when the file is put back while it runs', async () => {
    const { disk, journal, append, directory, texts } = openJournal(undefined, 'disk')
    disk.isHolding = true
    append(0)
    const waiting = journal.settled()
    unlinkSync(join(directory, '0000000000000000.seg'))
    expect(journal.restoreIfReplaced()).toBe(true)
    disk.isHolding = false
    append(1)
    const next = journal.settled()
    disk.release()
    await waiting
    await next
    expect(texts()).toEqual(['record 0', 'record 1'])
    expect(journal.settled()).toBeUndefined()
  })

  it('in process mode delays no delivery', () => {
    const { append, commits, journal } = openJournal()
    append(0)
    expect(commits).toEqual([journal.end])
  })
})

describe('a failed flush', () => {
  it('is never asked of that descriptor again; its frames go to a new file', async () => {
    const { disk, journal, append, directory, texts, syncFailures } = openJournal(undefined, 'disk')
    append(0)
    await journal.settled()
    append(1)
    append(2)
    disk.flushes.length = 0
    disk.syncError = 'EIO'
    disk.isHolding = true
    const waiting = journal.settled()
    append(3)
    disk.syncError = undefined
    disk.isHolding = false
    disk.release()
    await waiting
    const [poisoned, ...others] = disk.flushes
    expect(others).not.toContain(poisoned)
    expect(others).toEqual([expect.any(Number), directory])
    expect(syncFailures).toEqual(['EIO'])
    expect(readSegment(nodeDisk, directory, 1).records.map(({ text }) => text)).toEqual([
      'record 1',
      'record 2',
      'record 3',
    ])
    append(4)
    await journal.settled()
    expect(readdirSync(directory)).toEqual([
      '0000000000000000.seg',
      '0000000000000001.seg',
      '0000000000000004.seg',
    ])
    expect(new Set(texts()).size).toBe(5)
  })

  it('of a file that holds nothing flushed puts the new one in its place', async () => {
    const { disk, journal, append, directory, commits } = openJournal(undefined, 'disk')
    append(0)
    append(1)
    const before = readFileSync(join(directory, '0000000000000000.seg'))
    const { inode } = nodeDisk.stat(join(directory, '0000000000000000.seg')) ?? {}
    const end = journal.end
    disk.syncError = 'EIO'
    const waiting = journal.settled()
    disk.syncError = undefined
    await waiting
    expect(readdirSync(directory)).toEqual(['0000000000000000.seg'])
    expect(readFileSync(join(directory, '0000000000000000.seg'))).toEqual(before)
    expect(nodeDisk.stat(join(directory, '0000000000000000.seg'))?.inode).not.toBe(inode)
    expect(commits).toEqual([end])
  })

  it('takes the frames from memory, whatever the kernel still has of them', async () => {
    const { disk, journal, append, directory } = openJournal(undefined, 'disk')
    append(0)
    disk.syncError = 'EIO'
    const waiting = journal.settled()
    disk.syncError = undefined
    disk.read = (_descriptor, target, offset, length) => {
      target.fill(0, offset, offset + length)
      return length
    }
    await waiting
    disk.read = nodeDisk.read.bind(nodeDisk)
    expect(readSegment(nodeDisk, directory, 0).records).toHaveLength(1)
  })

  it('that goes on failing resolves nothing before the limit, and is told once', async () => {
    const { disk, journal, append, overdue, syncFailures } = openJournal(undefined, 'disk')
    append(0)
    disk.syncError = 'EIO'
    const waiting = journal.settled()
    expect(await isSettled(waiting)).toBe(false)
    expect(await isSettled(waiting)).toBe(false)
    // Once as it was asked, once for what was rescued; then it is given time.
    expect(disk.flushes).toHaveLength(2)
    expect(journal.isLate).toBe(true)
    append(1)
    expect(journal.settled()).toBeInstanceOf(Promise)
    expect(disk.flushes).toHaveLength(2)
    journal.syncLater()
    expect(await isSettled(waiting)).toBe(false)
    expect(disk.flushes).toHaveLength(3)
    expect(syncFailures).toEqual(['EIO'])
    expect(overdue.length).toBeGreaterThan(0)
    disk.syncError = undefined
    journal.syncLater()
    await waiting
    expect(journal.isLate).toBe(false)
  })

  it('at the end is made good for in a new file, before anybody is told that it is safe', () => {
    const { disk, journal, append, directory } = openJournal(undefined, 'disk')
    append(0)
    let failures = 0
    const flushed: number[] = []
    disk.syncData = (descriptor) => {
      if (failures++ === 0) throw Object.assign(new Error('EIO'), { code: 'EIO' })
      flushed.push(descriptor)
      nodeDisk.syncData(descriptor)
    }
    expect(journal.close()).toBe(true)
    expect(flushed).toHaveLength(1)
    expect(readSegment(nodeDisk, directory, 0).records).toHaveLength(1)
    expect(readdirSync(directory)).toEqual(['0000000000000000.seg'])
  })

  it('of a directory counts for the file whose name may be missing', async () => {
    const { disk, journal, append, directory, syncFailures } = openJournal(undefined, 'disk')
    let failures = 0
    disk.syncDirectoryLater = (path, synced) => {
      disk.flushes.push(path)
      const error = failures++ === 0 ? Object.assign(new Error('EIO'), { code: 'EIO' }) : null
      setImmediate(() => synced(error))
    }
    append(0)
    await journal.settled()
    const [first, , second] = disk.flushes
    expect(disk.flushes).toEqual([first, directory, second, directory])
    expect(second).not.toBe(first)
    expect(syncFailures).toEqual(['EIO'])
  })
})
