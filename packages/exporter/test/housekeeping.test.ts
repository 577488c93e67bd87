import {
  existsSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { metrics } from '@opentelemetry/api'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  type ExporterOptions,
  checkLog,
  loadOrCreateKeys,
  resolveExporterOptions,
} from '@tokentrail/exporter'
import { verifyLogs } from '@tokentrail/ledger'
import { listSegments } from '../src/journal/layout.ts'
import { readSegment } from '../src/journal/log-reader.ts'
import { tryLock } from '../src/journal/lock.ts'
import { nodeDisk } from '../src/disk/node-disk.ts'
import { ACCEPT, startCollector } from './support/collector.ts'
import { temporaryFolder } from './support/folder.ts'
import { createManualTime } from './support/manual-time.ts'
import { openTestLog, requestDraft } from './support/open.ts'

interface Text {
  readonly type: string
  readonly prevLog?: string
  readonly attributes: Readonly<Record<string, unknown>>
}

function open(options: ExporterOptions = {}) {
  const time = createManualTime()
  const directory = temporaryFolder()
  const { clock, monotonicMillis, scheduler } = time
  const opened = openTestLog({ directory, ...options }, { clock, monotonicMillis, scheduler })
  const slot = join(directory, 'journal', 'orders', 'slot-0')
  const folder = (origin = opened.log.origin) => join(slot, origin.split('/')[2] ?? '')
  const records = (path = folder()): Text[] =>
    listSegments(nodeDisk, path).flatMap((first) =>
      readSegment(nodeDisk, path, first).records.map(({ text }) => JSON.parse(text) as Text),
    )
  const bytes = () =>
    (readdirSync(join(directory, 'journal'), { recursive: true }) as string[])
      .map((name) => statSync(join(directory, 'journal', name)))
      .reduce((sum, found) => sum + (found.isDirectory() ? 0 : found.size), 0)
  const kinds = () => opened.health.map(({ kind }) => kind)
  return { ...opened, time, directory, slot, folder, records, bytes, kinds }
}

describe('a log whose folder has a cap', () => {
  const CAP = { maxBytes: 1024 * 1024, segmentBytes: 65_536, reserveBytes: 65_536 }

  it('stays below it in a long outage, and says what did not fit', () => {
    const { log, time, bytes, kinds, health, records } = open(CAP)
    for (let second = 0; second < 60; second++) {
      for (let number = 0; number < 50; number++) log.append(requestDraft(number))
      time.advance(1_000)
    }
    expect(bytes()).toBeLessThanOrEqual(CAP.maxBytes)
    expect(kinds()).toContain('journal-failed')
    expect(health.find(({ kind }) => kind === 'journal-failed')?.message).toContain('its cap')
    const { lost } = log.state()
    expect(lost).toBeGreaterThan(1_000)
    const reasons = records()
      .filter(({ type }) => type === 'tokentrail.recorder.loss')
      .map(({ attributes }) => attributes['tokentrail.loss.reason'])
    expect(new Set(reasons)).toEqual(new Set(['byte_cap']))
  })

  it('loses nothing while what is there is delivered: that goes first', async () => {
    const collector = await startCollector()
    const { log, time, bytes, kinds } = open({ ...CAP, endpoint: collector.url })
    for (let round = 0; round < 40; round++) {
      for (let number = 0; number < 50; number++) log.append(requestDraft(number))
      expect(await log.flush(10_000)).toBe(true)
      time.advance(1_000)
      expect(bytes()).toBeLessThanOrEqual(CAP.maxBytes + CAP.segmentBytes)
    }
    expect(log.state().lost).toBe(0)
    expect(kinds()).not.toContain('journal-failed')
    await collector.close()
  })

  it('keeps records again once the receiver is back', async () => {
    const collector = await startCollector(() => 503)
    const { log, time, kinds } = open({ ...CAP, endpoint: collector.url })
    while (log.state().able) {
      for (let number = 0; number < 50; number++) log.append(requestDraft(number))
      time.advance(1_000)
    }
    collector.react = ACCEPT
    expect(await log.flush(10_000)).toBe(true)
    time.advance(2_000)
    expect(kinds()).toContain('journal-restored')
    const { lost } = log.state()
    log.append(requestDraft(1))
    expect(log.state()).toMatchObject({ lost, able: true })
    await collector.close()
  })
})

describe('the clock', () => {
  it('that is set is recorded, with how far, and the log goes on', () => {
    const { log, time, records, kinds } = open()
    time.advance(1_000)
    time.setClock(-3_600_000)
    time.advance(1_000)
    log.append(requestDraft(0))
    const [step] = records().filter(({ type }) => type === 'tokentrail.recorder.clock_step')
    expect(step?.attributes).toEqual({ 'tokentrail.clock.offset': -3_600_000 })
    expect(kinds()).toContain('clock-stepped')
    log.close()
    expect(log.state().lost).toBe(0)
  })
})

describe('a clock that is set back behind the certificate of the log', () => {
  it('has another log go on, so that no record lies outside of one', async () => {
    const collector = await startCollector()
    const { log, time, directory } = open({ endpoint: collector.url })
    const { origin } = log
    const stamped = (number: number) => ({
      ...requestDraft(number),
      time: time.clock.unixNanos().toString(),
    })
    log.append(stamped(0))
    time.advance(1_000)
    time.setClock(-200_000)
    time.advance(1_000)
    expect(log.origin).toBe(origin)
    log.append(stamped(1))
    time.setClock(-3_600_000)
    time.advance(1_000)
    expect(log.origin).not.toBe(origin)
    log.append(stamped(2))
    expect(await log.shutdown(10_000)).toBe(true)
    const { signing } = loadOrCreateKeys(resolveExporterOptions({ directory }, {}))
    const records = collector.accepted.map(({ text }) => ({ body: text }))
    const report = await verifyLogs(records, { roots: [{ ...signing.publicJwk }] })
    expect(report).toMatchObject({ verdict: 'VALID_SEALED', findings: [] })
    expect(report.logs).toHaveLength(2)
    await collector.close()
  })
})

describe('a journal that somebody else touches while it is written', () => {
  it('is put back within a second, even when nothing is appended', () => {
    const { time, folder, kinds } = open()
    time.advance(3_000)
    const path = join(folder(), '0000000000000000.seg')
    rmSync(path)
    time.advance(1_000)
    expect(existsSync(path)).toBe(true)
    expect(kinds()).toContain('journal-replaced')
  })

  it.each([
    ['cut to nothing', (path: string) => truncateSync(path, 0)],
    ['cut in the middle', (path: string) => truncateSync(path, 500)],
    ['overwritten', (path: string) => writeFileSync(path, Buffer.alloc(20_000, 'x'))],
  ])('is told within a second, and once, when it was %s', (_, change) => {
    const { time, folder, kinds, log } = open()
    for (let number = 0; number < 3; number++) {
      log.append(requestDraft(number))
      time.advance(1_000)
    }
    expect(kinds()).not.toContain('journal-cut')
    change(join(folder(), '0000000000000000.seg'))
    log.append(requestDraft(3))
    time.advance(3_000)
    expect(kinds().filter((kind) => kind === 'journal-cut')).toHaveLength(1)
  })

  it('is told when it was cut to nothing before anybody looked at it', () => {
    const { time, folder, kinds, log } = open()
    truncateSync(join(folder(), '0000000000000000.seg'), 0)
    log.append(requestDraft(0))
    time.advance(3_000)
    expect(kinds().filter((kind) => kind === 'journal-cut')).toHaveLength(1)
  })

  it('that cannot be looked after is told once, and again after it could', () => {
    const { time, folder, kinds } = open()
    const slot = dirname(folder())
    const faults = () => kinds().filter((kind) => kind === 'journal-not-synced').length
    for (const told of [1, 2]) {
      renameSync(slot, `${slot}.away`)
      writeFileSync(slot, 'no folder')
      time.advance(3_000)
      expect(faults()).toBe(told)
      rmSync(slot)
      renameSync(`${slot}.away`, slot)
      time.advance(1_000)
    }
  })

  it.each(['segment', 'folder'])('is put back before it is sealed when its %s is gone', (what) => {
    const { log, folder, records } = open()
    log.append(requestDraft(0))
    if (what === 'folder') rmSync(folder(), { recursive: true })
    else rmSync(join(folder(), '0000000000000000.seg'))
    log.close()
    expect(records().map(({ type }) => type)).toContain('oauth.request')
    expect(checkLog(folder())).toMatchObject({ damage: [], missing: [], end: { sealed: true } })
  })

  it('goes on in a new log when its lock is gone, for the next start could take it', async () => {
    const collector = await startCollector(() => 503)
    const { log, time, slot, records, folder } = open({ endpoint: collector.url })
    const { origin } = log
    log.append(requestDraft(0))
    rmSync(folder(), { recursive: true })
    time.advance(1_000)
    expect(log.origin).not.toBe(origin)
    expect(records().find(({ type }) => type === 'tokentrail.log.recovered')?.prevLog).toBe(origin)
    expect(checkLog(folder(origin))).toMatchObject({ missing: [], end: { sealed: true } })
    expect(readdirSync(slot)).toHaveLength(2)
    collector.react = ACCEPT
    expect(await log.shutdown(10_000)).toBe(true)
    await collector.close()
  })

  it('goes on in a new log when its lock file was replaced', () => {
    const { log, time, folder, kinds } = open()
    const { origin } = log
    renameSync(join(folder(), 'lock'), join(folder(), 'lock.away'))
    writeFileSync(join(folder(), 'lock'), '')
    time.advance(1_000)
    expect(log.origin).not.toBe(origin)
    expect(tryLock(join(folder(), 'lock'))).toBeUndefined()
    expect(kinds()).toContain('journal-replaced')
  })

  it('says which segments of a backlog are gone', async () => {
    const collector = await startCollector(() => 503)
    const { log, folder, health, records } = open({
      endpoint: collector.url,
      segmentBytes: 65_536,
      maxBatchBytes: 65_536,
    })
    for (let number = 0; number < 300; number++) log.append(requestDraft(number))
    await collector.until(() => collector.requests.length > 0)
    const [, second] = readdirSync(folder()).filter((name) => name.endsWith('.seg'))
    rmSync(join(folder(), second ?? ''))
    collector.react = ACCEPT
    await vi.waitFor(() => expect(health.map(({ kind }) => kind)).toContain('journal-damaged'), {
      timeout: 10_000,
    })
    expect(records().find(({ type }) => type === 'tokentrail.journal.damage')).toMatchObject({
      segment: `${log.origin.split('/')[2]}/${second}`,
      bytes: 0,
    })
    await log.shutdown(10_000)
    await collector.close()
  })
})

describe('a fault of our own in the background', () => {
  it('is told once, and checkpoints, housekeeping and records go on', () => {
    const { log, time, health, kinds, records } = open()
    const bind = vi.spyOn(metrics, 'getMeterProvider').mockImplementation(() => {
      throw new Error('canary-of-a-fault')
    })
    onTestFinished(() => bind.mockRestore())
    for (let second = 0; second < 30; second++) {
      log.append(requestDraft(second))
      time.advance(1_000)
    }
    time.setClock(60_000)
    time.advance(1_000)
    expect(bind.mock.calls.length).toBeGreaterThan(20)
    expect(kinds().filter((kind) => kind === 'internal-fault')).toHaveLength(1)
    expect(kinds()).toContain('clock-stepped')
    expect(JSON.stringify(health)).not.toContain('canary')
    const types = records().map(({ type }) => type)
    expect(types.filter((type) => type === 'tokentrail.log.checkpoint').length).toBeGreaterThan(2)
    expect(types.filter((type) => type === 'oauth.request')).toHaveLength(30)
  })
})
