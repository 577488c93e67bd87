import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type ExporterOptions, checkLog } from '@tokentrail/exporter'
import { listSegments } from '../../src/journal/layout.ts'
import { readSegment } from '../../src/journal/log-reader.ts'
import { type FaultyDisk, createFaultyDisk } from '../support/faulty-disk.ts'
import { temporaryFolder } from '../support/folder.ts'
import { createManualTime } from '../support/manual-time.ts'
import { openTestLog, requestDraft } from '../support/open.ts'

const RESERVE = 8 * 1024 * 1024

function open(options: ExporterOptions = {}) {
  const disk = createFaultyDisk()
  const time = createManualTime()
  const directory = temporaryFolder()
  const { clock, monotonicMillis, scheduler } = time
  const opened = openTestLog({ directory, ...options }, { disk, clock, monotonicMillis, scheduler })
  const slot = join(directory, 'journal', 'orders', 'slot-0')
  const folder = () => join(slot, opened.log.origin.split('/')[2] ?? '')
  const records = () =>
    listSegments(disk, folder()).flatMap((first) =>
      readSegment(disk, folder(), first).records.map(
        ({ text }) => JSON.parse(text) as { type: string; attributes: Record<string, unknown> },
      ),
    )
  const routes = () =>
    records().flatMap(({ attributes, type }) =>
      type === 'oauth.request' ? [String(attributes['http.route']).split('/').at(-1)] : [],
    )
  const losses = () =>
    records().flatMap(({ attributes, type }) =>
      type === 'tokentrail.recorder.loss' ? [attributes] : [],
    )
  const kinds = () => opened.health.map(({ kind }) => kind)
  return { ...opened, disk, time, folder, records, routes, losses, kinds }
}

/** The disk takes nothing more, as if another program had filled it. */
function fill(disk: FaultyDisk): void {
  disk.room = 0
}

const range = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, order) => String(from + order))

describe('drop-and-record', () => {
  it('drops and counts, tells once, and says in the log what is lost while the disk is full', () => {
    const { log, disk, time, routes, losses, kinds, health } = open()
    log.append(requestDraft(0))
    fill(disk)
    for (let number = 1; number <= 5; number++) log.append(requestDraft(number))
    expect(kinds()).toEqual(['journal-failed'])
    expect(health[0]?.message).toContain('ENOSPC')
    expect(log.state()).toMatchObject({ lost: 5, able: false })
    time.advance(1_000)
    // Nobody made room: the reserve did.
    expect(losses()).toEqual([
      {
        'tokentrail.loss.count': 5,
        'tokentrail.loss.reason': 'disk_full',
        'tokentrail.loss.from': requestDraft(1).time,
        'tokentrail.loss.to': requestDraft(5).time,
      },
    ])
    expect(routes()).toEqual(['0'])
  })

  it('leaves the room of the reserve to records about the log', () => {
    const { log, disk, time, routes, losses } = open()
    fill(disk)
    log.append(requestDraft(0))
    time.advance(1_000)
    for (let number = 1; number <= 5; number++) log.append(requestDraft(number))
    time.advance(60_000)
    expect(routes()).toEqual([])
    expect(losses().map((loss) => loss['tokentrail.loss.count'])).toEqual([1, 5])
  })

  it('keeps records again when there is room, and makes the reserve whole', () => {
    const { log, disk, time, folder, routes, losses, kinds } = open()
    fill(disk)
    for (let number = 0; number < 3; number++) log.append(requestDraft(number))
    time.advance(1_000)
    expect(statSync(join(folder(), 'reserve')).size).toBeLessThan(RESERVE)
    disk.room = Infinity
    time.advance(1_000)
    expect(kinds()).toEqual(['journal-failed', 'journal-restored'])
    expect(statSync(join(folder(), 'reserve')).size).toBe(RESERVE)
    log.append(requestDraft(3))
    expect(routes()).toEqual(['3'])
    expect(losses()).toHaveLength(1)
    expect(log.state()).toMatchObject({ lost: 3, able: true })
  })

  it('does not take a little room for the end of it: no flapping', () => {
    const { log, disk, time, kinds } = open()
    fill(disk)
    log.append(requestDraft(0))
    time.advance(1_000)
    disk.room += 60_000
    time.advance(5_000)
    log.append(requestDraft(1))
    expect(kinds()).toEqual(['journal-failed'])
    expect(log.state()).toMatchObject({ lost: 2, able: false })
  })

  it('seals the log on a full disk, with the last losses in it', async () => {
    const { log, disk, folder, losses } = open()
    log.append(requestDraft(0))
    fill(disk)
    log.append(requestDraft(1))
    await log.shutdown(0)
    expect(losses()).toHaveLength(1)
    const names = readdirSync(folder())
    expect(names).toContain('end.json')
    expect(names).not.toContain('reserve')
    expect(checkLog(folder())).toMatchObject({ damage: [], missing: [], end: { sealed: true } })
  })

  it('says the loss later where there is no reserve', () => {
    const { log, disk, time, losses } = open({ reserveBytes: 0 })
    fill(disk)
    log.append(requestDraft(0))
    time.advance(1_000)
    expect(losses()).toEqual([])
    disk.room = Infinity
    time.advance(1_000)
    expect(losses()).toHaveLength(1)
  })

  it('tries a disk that fails otherwise at every record, and says so', () => {
    const { log, disk, losses, routes, kinds } = open()
    disk.writeError = 'EIO'
    log.append(requestDraft(0))
    disk.writeError = undefined
    log.append(requestDraft(1))
    expect(kinds()).toEqual(['journal-failed', 'journal-restored'])
    expect(routes()).toEqual(['1'])
    expect(losses()[0]).toMatchObject({ 'tokentrail.loss.reason': 'unknown' })
  })

  it('sends the identities of lost records with the next that is kept', () => {
    const { log, disk, folder, time } = open()
    const identity = { kind: 'sub', issuer: 'https://as', pseudonym: 'n2Jk', value: 'a' } as const
    fill(disk)
    log.append(requestDraft(0), [identity])
    disk.room = Infinity
    time.advance(1_000)
    log.append(requestDraft(1))
    expect(readSegment(disk, folder(), 0).identities).toBe(1)
    log.append(requestDraft(2))
    expect(readSegment(disk, folder(), 0).identities).toBe(1)
  })
})

describe('block', () => {
  it('keeps what came while the disk was full, in order, and lets the responses wait', async () => {
    const { log, disk, time, routes, losses } = open({ failurePolicy: 'block' })
    log.append(requestDraft(0))
    expect(log.settled()).toBeUndefined()
    fill(disk)
    for (let number = 1; number <= 3; number++) log.append(requestDraft(number))
    const waiting = log.settled()
    expect(waiting).toBeInstanceOf(Promise)
    time.advance(1_000)
    disk.room = Infinity
    log.append(requestDraft(4))
    time.advance(1_000)
    await waiting
    expect(log.settled()).toBeUndefined()
    expect(routes()).toEqual(range(0, 5))
    expect(losses()).toEqual([])
    expect(log.state().lost).toBe(0)
  })

  it('drops and records what has waited as long as it may', async () => {
    const { log, disk, time, losses } = open({ failurePolicy: 'block', maxWaitMillis: 2_000 })
    fill(disk)
    log.append(requestDraft(0))
    const waiting = log.settled()
    time.advance(1_500)
    log.append(requestDraft(1))
    expect(log.state().lost).toBe(0)
    time.advance(600)
    expect(log.state().lost).toBe(1)
    time.advance(62_000)
    await waiting
    expect(log.settled()).toBeUndefined()
    const counts = losses().map((loss) => Number(loss['tokentrail.loss.count']))
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(2)
  })

  it('has bounded memory: what is more than may wait is dropped and counted at once', () => {
    const { log, disk } = open({ failurePolicy: 'block' })
    fill(disk)
    for (let number = 0; number < 4_000; number++) log.append(requestDraft(number))
    expect(log.settled()).toBeInstanceOf(Promise)
    for (let number = 0; number < 10; number++) {
      log.append(requestDraft(number))
      // So are responses: one that waits for nothing is not held.
      expect(log.settled()).toBeUndefined()
    }
    expect(log.state().lost).toBe(10)
  })

  it('tries once more at the end, and counts the rest', async () => {
    const { log, disk, routes, losses } = open({ failurePolicy: 'block' })
    fill(disk)
    log.append(requestDraft(0))
    const waiting = log.settled()
    await log.shutdown(0)
    await waiting
    expect(routes()).toEqual([])
    expect(losses()).toHaveLength(1)
  })
})

describe('fail-closed', () => {
  it('keeps what is being served in the reserve, and admits nothing new', () => {
    const { log, disk, routes, losses } = open({ failurePolicy: 'fail-closed' })
    expect(log.admits()).toBe(true)
    fill(disk)
    for (let number = 0; number < 500; number++) log.append(requestDraft(number))
    expect(log.admits()).toBe(false)
    expect(routes()).toEqual(range(0, 500))
    expect(losses()).toEqual([])
    expect(log.state().lost).toBe(0)
  })

  it('admits requests again when the disk has room', () => {
    const { log, disk, time, kinds } = open({ failurePolicy: 'fail-closed' })
    fill(disk)
    log.append(requestDraft(0))
    time.advance(5_000)
    expect(log.admits()).toBe(false)
    disk.room = Infinity
    time.advance(1_000)
    expect(log.admits()).toBe(true)
    expect(kinds()).toEqual(['journal-failed', 'journal-restored'])
  })

  it('finds out by itself that a disk works again, for nobody is admitted to try it', () => {
    const { log, disk, time } = open({ failurePolicy: 'fail-closed' })
    disk.writeError = 'EIO'
    log.append(requestDraft(0))
    expect(log.admits()).toBe(false)
    time.advance(2_000)
    expect(log.admits()).toBe(false)
    disk.writeError = undefined
    time.advance(1_000)
    expect(log.admits()).toBe(true)
  })

  it('counts what even the reserve has no room for', () => {
    const { log, disk, time, losses } = open({
      failurePolicy: 'fail-closed',
      reserveBytes: 300_000,
    })
    fill(disk)
    for (let number = 0; number < 1_000; number++) log.append(requestDraft(number))
    const { lost } = log.state()
    expect(lost).toBeGreaterThan(0)
    disk.room = Infinity
    time.advance(1_000)
    expect(losses()).toMatchObject([{ 'tokentrail.loss.count': lost }])
  })

  it('refuses at the cap of the folder, and keeps what is being served beyond it', () => {
    const { log, time, losses } = open({
      failurePolicy: 'fail-closed',
      maxBytes: 1024 * 1024,
      segmentBytes: 65_536,
      reserveBytes: 65_536,
    })
    let served = 0
    while (log.admits() && served < 5_000) log.append(requestDraft(served++))
    expect(log.admits()).toBe(false)
    expect(served).toBeGreaterThan(100)
    for (let number = 0; number < 20; number++) log.append(requestDraft(number))
    time.advance(5_000)
    expect(log.admits()).toBe(false)
    expect(log.state().lost).toBe(0)
    expect(losses()).toEqual([])
  })

  it('in disk mode admits nothing while the disk does not flush', async () => {
    const { log, disk, time } = open({ failurePolicy: 'fail-closed', durability: 'disk' })
    disk.isHolding = true
    log.append(requestDraft(0))
    const waiting = log.settled()
    expect(log.admits()).toBe(true)
    time.advance(5_000)
    await waiting
    expect(log.admits()).toBe(false)
    disk.isHolding = false
    disk.release()
    log.append(requestDraft(1))
    await log.settled()
    expect(log.admits()).toBe(true)
  })
})

describe('other policies', () => {
  it.each(['drop-and-record', 'block'] as const)('%s admits every request', (failurePolicy) => {
    const { log, disk } = open({ failurePolicy })
    fill(disk)
    log.append(requestDraft(0))
    expect(log.admits()).toBe(true)
  })
})

describe('a full disk at the start', () => {
  const takeLock = () => ({ release: () => undefined })

  it('gives the new log the room that dead logs of the slot had in reserve', () => {
    const { disk, directory } = { disk: createFaultyDisk(), directory: temporaryFolder() }
    const dead = openTestLog({ directory }, { disk, takeLock })
    disk.room = 0
    const { log } = openTestLog({ directory }, { disk, takeLock })
    expect(log.state()).toMatchObject({ able: true, lost: 0 })
    expect(log.origin).not.toBe(dead.log.origin)
  })

  it('leaves nothing behind where there is no room at all', () => {
    const { disk, directory } = { disk: createFaultyDisk(), directory: temporaryFolder() }
    const open = () => openTestLog({ directory }, { disk, takeLock })
    disk.room = 600
    expect(open).toThrow(expect.objectContaining({ code: 'ERR_EXPORTER_DIRECTORY_UNUSABLE' }))
    expect(readdirSync(join(directory, 'journal', 'orders', 'slot-0'))).toEqual([])
    expect(disk.room).toBe(600)
  })
})
