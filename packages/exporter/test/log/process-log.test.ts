import { basename } from 'node:path'
import fc from 'fast-check'
import {
  type CheckpointRecord,
  buildClosingCheckpointText,
  createMerkleTree,
  createVerifierKey,
  decodeCheckpointRecord,
  formatBase64,
  hashLeaf,
  openNote,
} from '@tokentrail/ledger'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Disk } from '../../src/disk/disk.ts'
import { nodeDisk } from '../../src/disk/node-disk.ts'
import { readSegment } from '../../src/journal/log-reader.ts'
import { ProcessLog } from '../../src/log/process-log.ts'
import { createFaultyDisk } from '../support/faulty-disk.ts'
import { requestDraft } from '../support/open.ts'
import { processLogOptions } from '../support/process-log-options.ts'
import { LOG } from '../support/journal-bytes.ts'

const ORIGIN = `orders/0/${LOG}`

function openTestLog(disk: Disk = nodeDisk) {
  const clock = { nanos: 1_795_470_000_000_000_000n, unixNanos: () => clock.nanos }
  const log = new ProcessLog({ ...processLogOptions(), disk, clock })
  onTestFinished(() => log.closeJournal())
  return {
    log,
    clock,
    texts: () => readSegment(disk, log.paths.directory, 0).records.map((r) => r.text),
  }
}

function checkpointsOf(texts: readonly string[]): CheckpointRecord[] {
  return texts
    .map((text) => JSON.parse(text) as Record<string, unknown>)
    .filter((record) => record['type'] === 'tokentrail.log.checkpoint')
    .map((record) => decodeCheckpointRecord(record))
}

describe('a checkpoint record', () => {
  it('signs the root over everything before it, with both signatures', () => {
    const { log, clock, texts } = openTestLog()
    for (let number = 0; number < 5; number++) log.append(requestDraft(number))
    clock.nanos += 3_000_000_000n
    log.checkpoint()
    const tree = createMerkleTree()
    for (const text of texts().slice(0, 5)) tree.append(hashLeaf(text))
    const [checkpoint] = checkpointsOf(texts())
    expect(checkpoint).toMatchObject({ log: ORIGIN, index: 5, from: 0, routes: [[5, []]] })
    expect(formatBase64(checkpoint?.checkpoint.root ?? new Uint8Array())).toBe(
      formatBase64(tree.root()),
    )
    const jwk = log.publicKey.export({ format: 'jwk' })
    const raw = Buffer.from(jwk.x ?? '', 'base64url')
    const keys = [createVerifierKey(ORIGIN, 1, raw), createVerifierKey(ORIGIN, 4, raw)]
    const opened = openNote(checkpoint?.noteText ?? '', keys)
    expect(opened.verified.map(({ timestamp }) => timestamp)).toEqual([undefined, 1_795_470_003n])
  })

  it('covers the checkpoint before it, and carries a frontier at least once a minute', () => {
    const { log, clock, texts } = openTestLog()
    log.certify('a.certificate')
    for (let second = 0; second < 130; second += 10) {
      log.append(requestDraft(second))
      log.checkpoint()
      clock.nanos += 10_000_000_000n
    }
    const checkpoints = checkpointsOf(texts())
    for (const [order, { from, index }] of checkpoints.entries()) {
      expect(from).toBe(checkpoints[order - 1]?.index ?? 0)
      expect(index).toBe(order * 2 + 1)
    }
    const withFrontier = checkpoints.flatMap(({ frontier }, order) => (frontier ? [order] : []))
    expect(withFrontier).toEqual([5, 10])
    expect(checkpoints.map(({ certificate }) => certificate !== undefined)).toEqual(
      checkpoints.map(({ frontier }) => frontier !== undefined),
    )
  })

  it('is cut so that it fills 8,000 bytes and never passes them, whatever the routes', () => {
    const name = fc.stringMatching(/^[a-z0-9é"]{1,12}$/)
    const routes = fc.array(fc.array(name, { maxLength: 4 }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(routes, (routes) => {
        const { log, clock, texts } = openTestLog()
        log.certify('c'.repeat(400))
        for (let number = 0; number < 500; number++) {
          clock.nanos += 300_000_000n
          log.append(requestDraft(number, routes[number % routes.length]))
        }
        const sizes = texts()
          .filter((text) => text.includes('"type":"tokentrail.log.checkpoint"'))
          .map((text) => Buffer.byteLength(text))
        expect(sizes.length).toBeGreaterThan(2)
        expect(Math.max(...sizes)).toBeLessThanOrEqual(8000)
        expect(Math.min(...sizes)).toBeGreaterThan(6500)
      }),
      { numRuns: 10 },
    )
  })

  it('says which routes each leaf belongs to', () => {
    const { log, texts } = openTestLog()
    log.append({ type: 'tokentrail.log.open', time: '1', members: { certificate: 'c' } })
    log.append(requestDraft(1, ['hipaa']))
    log.append(requestDraft(2, ['hipaa']))
    log.append(requestDraft(3))
    log.append({ type: 'tokentrail.recorder.loss', time: '2', attributes: { x: 'y' } })
    log.append({ type: 'tokentrail.alert.raised', time: '3', attributes: { x: 'y' } })
    log.checkpoint()
    expect(checkpointsOf(texts())[0]?.routes).toEqual([
      [1, ['*']],
      [2, ['hipaa']],
      [1, []],
      [1, ['*']],
      [1, []],
    ])
  })

  it('never looks older than the one before it when the clock is set back', () => {
    const { log, clock, texts } = openTestLog()
    log.append(requestDraft(0))
    log.checkpoint()
    clock.nanos -= 3_600_000_000_000n
    log.checkpoint()
    const times = checkpointsOf(texts()).map(({ note }) =>
      Buffer.from(note.signatures[1]?.signature ?? []).readBigUInt64BE(0),
    )
    expect(times).toEqual([1_795_470_000n, 1_795_470_000n])
  })
})

describe('sealing a log', () => {
  it('appends a checkpoint, log.close, and a closing checkpoint in which nothing is free', () => {
    const { log, clock, texts } = openTestLog()
    log.append(requestDraft(0))
    clock.nanos += 1_500_000_000n
    log.seal('shutdown')
    log.seal('shutdown')
    const records = texts()
    const types = records.map((text) => (JSON.parse(text) as { type: string }).type)
    expect(types).toEqual([
      'oauth.request',
      'tokentrail.log.checkpoint',
      'tokentrail.log.close',
      'tokentrail.log.checkpoint',
    ])
    expect(JSON.parse(records[2] ?? '')).toMatchObject({ count: 2, index: 2, reason: 'shutdown' })
    const closing = checkpointsOf(records).at(1)
    expect(closing).toMatchObject({ index: 3, from: 1 })
    expect(closing?.routes).toBeUndefined()
    const { leaves, noteText: note } = closing!
    expect(records[3]).toBe(
      buildClosingCheckpointText({ log: ORIGIN, index: 3, from: 1, leaves, note }),
    )
  })

  it('needs no further checkpoint when everything is covered', () => {
    const { log, texts } = openTestLog()
    log.append(requestDraft(0))
    log.checkpoint()
    log.seal('shutdown')
    expect(texts()).toHaveLength(4)
  })
})

describe('a log on a full disk', () => {
  it('gives an index only to what was written whole, so that its tree has no holes', () => {
    const disk = createFaultyDisk()
    const { log, texts } = openTestLog(disk)
    log.append(requestDraft(0))
    disk.room = 100
    expect(() => log.append(requestDraft(1))).toThrow(
      expect.objectContaining({ code: 'ERR_EXPORTER_JOURNAL_WRITE_FAILED' }),
    )
    expect(() => log.checkpoint()).toThrow(
      expect.objectContaining({ code: 'ERR_EXPORTER_JOURNAL_WRITE_FAILED' }),
    )
    disk.room = Infinity
    log.append(requestDraft(2))
    log.checkpoint()
    expect(texts().map((text) => (JSON.parse(text) as { index: number }).index)).toEqual([0, 1, 2])
    expect(checkpointsOf(texts())[0]?.leaves).toHaveLength(64)
  })
})

describe('the end of a log', () => {
  it('is said only once its last frames are on disk', () => {
    const calls: string[] = []
    const disk: Disk = {
      ...nodeDisk,
      syncData: (descriptor) => {
        calls.push('fdatasync')
        nodeDisk.syncData(descriptor)
      },
      rename: (from, to) => {
        calls.push(basename(to))
        nodeDisk.rename(from, to)
      },
    }
    const { log } = openTestLog(disk)
    log.append(requestDraft(0))
    calls.length = 0
    log.seal('shutdown')
    // The segment, then the content of the end, then its name.
    expect(calls).toEqual(['fdatasync', 'fdatasync', 'end.json'])
  })

  it('is left to a successor when they cannot be flushed', () => {
    let isFailing = false
    const disk: Disk = {
      ...nodeDisk,
      syncData: (descriptor) => {
        if (isFailing) throw Object.assign(new Error('EIO'), { code: 'EIO' })
        nodeDisk.syncData(descriptor)
      },
    }
    const { log } = openTestLog(disk)
    log.append(requestDraft(0))
    isFailing = true
    log.seal('shutdown')
    expect(nodeDisk.stat(log.paths.end)).toBeUndefined()
  })
})
