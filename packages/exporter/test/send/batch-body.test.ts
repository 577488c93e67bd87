import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32, gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { nodeDisk } from '../../src/disk/node-disk.ts'
import { formatEnvelope } from '../../src/journal/envelope.ts'
import { formatSegmentName } from '../../src/journal/segment.ts'
import { BodyBuilder } from '../../src/send/batch-body.ts'
import { compress } from '../../src/send/compression.ts'
import type { Frames } from '../../src/send/joined-frames.ts'
import { Tail } from '../../src/send/tail.ts'
import { temporaryFolder } from '../support/folder.ts'
import { segment, wire } from '../support/journal-bytes.ts'

const LIMITS = { maxBatchRecords: 100, maxBatchBytes: 65_536 }

/** The first batch of a journal that holds these texts, and what a receiver must read in it. */
function tailed(texts: readonly string[]): { frames: Frames; records: unknown[] } {
  const directory = temporaryFolder()
  const tail = new Tail(nodeDisk, directory, undefined, LIMITS, () => undefined)
  onTestFinished(() => tail.close())
  const bytes = segment(texts)
  writeFileSync(join(directory, formatSegmentName(0)), bytes)
  const batch = tail.next({ segment: 0, offset: bytes.length }, true)
  if (!batch) throw new Error('nothing was read')
  return { frames: batch.frames, records: texts.map((text) => JSON.parse(wire(text).json)) }
}

function builder(service = 'orders'): BodyBuilder {
  return new BodyBuilder(formatEnvelope({ 'service.name': service }, { name: 'scope' }))
}

function recordsOf(body: Uint8Array): unknown[] {
  const { resourceLogs } = JSON.parse(Buffer.from(body).toString()) as {
    resourceLogs: { scopeLogs: { logRecords: unknown[] }[] }[]
  }
  return resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap((scope) => scope.logRecords))
}

describe('the body of a batch', () => {
  it('holds what the journal gave, and says its CRC', () => {
    const text = fc.string({ unit: 'grapheme' })
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 20 }), (texts) => {
        const { frames, records } = tailed(texts)
        const body = builder().build(frames)
        expect(recordsOf(body.bytes)).toEqual(records)
        expect(body.crc).toBe(crc32(body.bytes))
      }),
      { numRuns: 50 },
    )
  })

  it('is the same in gzip, with the CRC that is known and without', () => {
    const { frames } = tailed(['one', 'two', 'three'])
    const { bytes, crc } = builder().build(frames)
    const known = compress(bytes, 'gzip', crc)
    expect(crc).toBeDefined()
    expect(gunzipSync(known).equals(bytes)).toBe(true)
    expect(gunzipSync(compress(bytes, 'gzip')).equals(bytes)).toBe(true)
  })

  it('holds any part of a batch too, and the whole of it again', () => {
    const texts = Array.from({ length: 9 }, (_, order) => `record ${order}`)
    const { frames, records } = tailed(texts)
    const bodies = builder()
    for (let start = 0; start <= 9; start++) {
      for (let end = start + 1; end <= 9; end++) {
        const part = bodies.build(frames.slice(start, end))
        expect(recordsOf(part.bytes)).toEqual(records.slice(start, end))
        expect(recordsOf(bodies.build(frames).bytes)).toEqual(records)
      }
    }
    const part = frames.slice(2, 8).slice(1, 3)
    expect(recordsOf(bodies.build(part).bytes)).toEqual(records.slice(3, 5))
    expect(frames.slice(4).length).toBe(5)
    expect(frames.slice(20).length).toBe(0)
  })

  it('has room for a resource of any size', () => {
    const { frames, records } = tailed(['one', 'two'])
    const body = builder('long'.repeat(5_000)).build(frames)
    expect(recordsOf(body.bytes)).toEqual(records)
    expect(body.bytes.length).toBeGreaterThan(20_000)
  })

  it('is made of frames that stand apart as well', () => {
    const apart = ['one', 'two'].map((text) => Buffer.from(wire(text).json))
    const body = builder().build(apart)
    expect(recordsOf(body.bytes)).toEqual(apart.map((frame) => JSON.parse(frame.toString())))
  })
})
