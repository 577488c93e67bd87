import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkLog } from '@tokentrail/exporter'
import {
  LOST_LEAF,
  buildRoot,
  decodeCheckpointRecord,
  formatBase64,
  hashLeaf,
} from '@tokentrail/ledger'
import { nodeDisk } from '../../src/disk/node-disk.ts'
import { formatLogEnd } from '../../src/journal/end.ts'
import { listSegments, logPaths, segmentPath } from '../../src/journal/layout.ts'
import { readSegment } from '../../src/journal/log-reader.ts'
import { listUnstated, markStated, quarantine } from '../../src/journal/quarantine.ts'
import { recoverLog } from '../../src/journal/recovery.ts'
import { scanFrames } from '../../src/journal/scan.ts'
import { formatSegmentName } from '../../src/journal/segment.ts'
import { deadLog } from '../support/dead-log.ts'
import { temporaryFolder } from '../support/folder.ts'
import { LOG, segment } from '../support/journal-bytes.ts'

/** A dead log, and its texts while all of them could be read. */
function leave(...parameters: Parameters<typeof deadLog>) {
  const dead = deadLog(...parameters)
  dead.log.closeJournal()
  const texts = new Map(
    listSegments(nodeDisk, dead.directory).flatMap((first) =>
      readSegment(nodeDisk, dead.directory, first).records.map(({ index, text }) => [index, text]),
    ),
  )
  return { ...dead, texts: Array.from({ length: dead.size }, (_, index) => texts.get(index)!) }
}

/** Overwrites bytes of a record, of which the text goes on to be known to the test. */
function spoil(directory: string, index: number): void {
  for (const first of listSegments(nodeDisk, directory)) {
    const path = segmentPath(directory, first)
    const bytes = readFileSync(path)
    for (const found of scanFrames(bytes, 64, first)) {
      if (found.type !== 'frame' || found.frame.index !== index) continue
      const at = found.frame.start + 1
      bytes[at] = (bytes[at] ?? 0) ^ 1
    }
    writeFileSync(path, bytes)
  }
}

/** Root over the texts, of which some are lost. */
function rootWithout(texts: readonly string[], lost: readonly number[]): string {
  const leaves = texts.map((text, index) => (lost.includes(index) ? LOST_LEAF : hashLeaf(text)))
  return formatBase64(buildRoot(leaves))
}

/** What the one who speaks for a dead log leaves on disk. */
function settle(directory: string): void {
  const { damage = [], end } = recoverLog(nodeDisk, directory) ?? {}
  for (const found of damage) {
    quarantine(nodeDisk, directory, found)
    markStated(nodeDisk, directory, found)
  }
  if (end) writeFileSync(logPaths(directory).end, formatLogEnd(end))
}

function itemAt<Item>(items: readonly Item[], at: number): Item {
  const item = items.at(at)
  if (item === undefined) throw new RangeError(`there is no item ${at}`)
  return item
}

function indexesOf(leaves: readonly Uint8Array[] | undefined, from: number): number[] {
  const all = (leaves ?? []).map((leaf, at) => (leaf === LOST_LEAF ? from + at : -1))
  return all.filter((index) => index >= 0)
}

describe('records that nobody can read any more, before others that can be', () => {
  it('are lost where no checkpoint has their leaves, and the log goes on behind them', () => {
    const { directory, texts, size } = leave(7)
    spoil(directory, 6)
    const { end, tail, damage } = recoverLog(nodeDisk, directory) ?? {}
    expect(end).toEqual({
      kind: 'recovered',
      size,
      root: rootWithout(texts, [6]),
      lastSignedSize: 4,
    })
    expect(indexesOf(tail?.hashes, 4)).toEqual([6])
    expect(tail?.routes).toEqual([['*'], [], ['*'], []])
    expect(damage).toMatchObject([{ firstIndex: 6, lastIndex: 6 }])
  })

  it('may stand in several places', () => {
    const { directory, texts } = leave(13, 20)
    for (const index of [2, 3, 7, 9]) spoil(directory, index)
    const { end, damage } = recoverLog(nodeDisk, directory) ?? {}
    expect(end).toMatchObject({ size: 13, root: rootWithout(texts, [2, 3, 7, 9]) })
    expect(damage?.map(({ firstIndex, lastIndex }) => [firstIndex, lastIndex])).toEqual([
      [2, 3],
      [7, 7],
      [9, 9],
    ])
    const { end: rebuilt } = checkLog(directory)
    expect(rebuilt?.lost).toEqual([
      [2, 3],
      [7, 7],
      [9, 9],
    ])
  })

  it('are lost whichever bit of them was flipped', () => {
    const { directory, texts, size } = leave(7)
    const path = segmentPath(directory, 0)
    const whole = readFileSync(path)
    const frames = [...scanFrames(whole, 64, 0)].flatMap((found) =>
      found.type === 'frame' ? [found.frame] : [],
    )
    const { start, end } = itemAt(frames, 6)
    for (let bit = (start - 28) * 8; bit < end * 8; bit += 13) {
      const bytes = Buffer.from(whole)
      bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
      writeFileSync(path, bytes)
      expect(recoverLog(nodeDisk, directory)?.end).toMatchObject({
        size,
        root: rootWithout(texts, [6]),
      })
    }
  })

  it('are not lost at the very end: nobody knows that they were there', () => {
    const { directory, texts, size } = leave(7)
    spoil(directory, size - 1)
    const { end, damage } = recoverLog(nodeDisk, directory) ?? {}
    expect(end).toMatchObject({ size: size - 1, root: rootWithout(texts.slice(0, -1), []) })
    expect(damage).toEqual([])
  })

  it.each([
    ['a page of zeros at the end of a segment', (path: string) => zero(path, 0.5)],
    ['a segment that ends in the middle of a frame', (path: string) => cut(path, 0.5)],
    ['an empty segment', (path: string) => cut(path, 0)],
    ['a segment that is all zeros', (path: string) => zero(path, 0)],
    ['no segment', (path: string) => rmSync(path)],
  ])('are lost between segments: %s', (_, harm) => {
    const { directory, texts, size } = leave(24, 100, 8_192)
    const segments = listSegments(nodeDisk, directory)
    const [middle = 0, next = 0] = segments.slice(1)
    const path = segmentPath(directory, middle)
    harm(path)
    const left = nodeDisk.stat(path)
      ? readSegment(nodeDisk, directory, middle).records.map(({ index }) => index)
      : []
    const lost = Array.from({ length: next - middle }, (_, i) => middle + i).filter(
      (index) => !left.includes(index),
    )
    expect(lost.length).toBeGreaterThan(1)
    const { end, damage } = recoverLog(nodeDisk, directory) ?? {}
    expect(end).toMatchObject({ size, root: rootWithout(texts, lost) })
    const range = { firstIndex: lost[0], lastIndex: lost.at(-1) }
    expect(damage).toContainEqual(expect.objectContaining(range))
    settle(directory)
    expect(checkLog(directory)).toMatchObject({ damage: [], missing: [], lost })
  })

  it('are not lost where a checkpoint has their leaves', () => {
    const { directory, size, head } = leave(10)
    spoil(directory, 2)
    const { end, tail, damage } = recoverLog(nodeDisk, directory) ?? {}
    expect(end).toMatchObject({ size, root: head.root })
    expect(indexesOf(tail?.hashes, 9)).toEqual([])
    expect(damage).toMatchObject([{ firstIndex: 2, lastIndex: 2 }])
  })

  it('end a log that has signed for them where no later checkpoint leads over them', () => {
    const { directory, texts } = leave(10, 3)
    // The record of index 5 and the checkpoint over it; the next one carries no frontier.
    const checkpoints = checkpointsOf(texts)
    const second = itemAt(checkpoints, 1)
    expect(itemAt(checkpoints, 2).frontier).toBeUndefined()
    spoil(directory, second.index - 1)
    spoil(directory, second.index)
    expect(recoverLog(nodeDisk, directory)?.end).toMatchObject({
      size: second.index - 1,
      lastSignedSize: second.from,
      root: rootWithout(texts.slice(0, second.index - 1), []),
    })
  })

  it('are passed over by a later checkpoint that carries a frontier', () => {
    const { directory, texts, size, head } = leave(24, 3, 8_192)
    const all = checkpointsOf(texts)
    const at = all.findIndex(({ frontier }, order) => order > 1 && frontier !== undefined)
    const before = itemAt(all, at - 1)
    spoil(directory, before.index - 1)
    spoil(directory, before.index)
    expect(recoverLog(nodeDisk, directory)?.end).toMatchObject({ size, root: head.root })
  })

  it('are not counted beyond a limit: the log ends before them', () => {
    const directory = temporaryFolder()
    const text = (index: number): string =>
      JSON.stringify({ v: 1, log: `orders/0/${LOG}`, index, type: 'oauth.request', time: '1' })
    const write = (first: number, second: number): void => {
      const name = formatSegmentName(first)
      writeFileSync(join(directory, name), segment([first, second].map(text), first))
    }
    write(0, 1)
    write(8_194, 8_195)
    expect(recoverLog(nodeDisk, directory)?.end).toMatchObject({ size: 8_196 })
    rmSync(segmentPath(directory, 8_194))
    write(8_195, 8_196)
    const { end, tail, damage } = recoverLog(nodeDisk, directory) ?? {}
    expect(end).toMatchObject({ size: 2 })
    expect(tail?.hashes).toHaveLength(2)
    expect(damage).toMatchObject([{ firstIndex: 2, lastIndex: 8_194 }])
    rmSync(segmentPath(directory, 8_195))
    write(9_000_000_000_000_000, 9_000_000_000_000_001)
    expect(recoverLog(nodeDisk, directory)?.end).toMatchObject({ size: 2 })
  })
})

describe('what a check says of damage', () => {
  it('is apart once a signed record says it, and not before', () => {
    const { directory, size } = leave(7)
    spoil(directory, 6)
    expect(checkLog(directory)).toMatchObject({
      damage: [{ firstIndex: 6, lastIndex: 6 }],
      missing: [6],
      lost: [],
      setAside: [],
    })
    const found = itemAt(recoverLog(nodeDisk, directory)?.damage ?? [], 0)
    quarantine(nodeDisk, directory, found)
    expect(checkLog(directory)).toMatchObject({ damage: [found], missing: [6] })
    expect(listUnstated(nodeDisk, directory)).toMatchObject([{ offset: found.offset }])
    settle(directory)
    const { length, offset, segment: name } = found
    expect(checkLog(directory)).toMatchObject({
      records: size - 1,
      damage: [],
      missing: [],
      lost: [6],
      setAside: [{ file: `${name}.${offset}.damaged.stated`, bytes: length }],
    })
    expect(listUnstated(nodeDisk, directory)).toEqual([])
    expect(recoverLog(nodeDisk, directory)?.damage).toEqual([])
  })

  it('is new where more was damaged since', () => {
    const { directory } = leave(9, 20)
    spoil(directory, 6)
    settle(directory)
    spoil(directory, 7)
    expect(checkLog(directory)).toMatchObject({ damage: [{ firstIndex: 6 }], missing: [6, 7] })
    const other = leave(9, 20)
    spoil(other.directory, 6)
    settle(other.directory)
    spoil(other.directory, 3)
    expect(checkLog(other.directory)).toMatchObject({
      damage: [{ firstIndex: 3 }],
      missing: [3],
      lost: [6],
    })
  })

  it('is not forgotten on a disk that has no room for a copy', () => {
    const { directory } = leave(7)
    spoil(directory, 6)
    const found = itemAt(recoverLog(nodeDisk, directory)?.damage ?? [], 0)
    const write = (): never => {
      throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })
    }
    expect(() => quarantine({ ...nodeDisk, write }, directory, found)).toThrow('ENOSPC')
    expect(listUnstated(nodeDisk, directory)).toMatchObject([{ offset: found.offset, length: 0 }])
    markStated(nodeDisk, directory, found)
    expect(checkLog(directory).damage).toEqual([])
  })

  it('tells torn bytes that were cut off', () => {
    const { directory } = leave(7)
    const path = segmentPath(directory, 0)
    cut(path, 0.99)
    recoverLog(nodeDisk, directory)
    expect(checkLog(directory)).toMatchObject({ damage: [], missing: [] })
    const [torn] = checkLog(directory).setAside
    expect(torn?.file).toBe(`${basename(path)}.torn`)
    expect(torn?.bytes).toBeGreaterThan(0)
  })

  it('sets a first write aside that was torn behind a good head', () => {
    const { directory } = leave(1)
    const path = segmentPath(directory, 0)
    writeFileSync(path, readFileSync(path).subarray(0, 200))
    expect(recoverLog(nodeDisk, directory)).toBeUndefined()
    expect(checkLog(directory)).toMatchObject({ damage: [], records: 0 })
    expect(readdirSync(directory)).toContain(`${basename(path)}.torn`)
  })
})

function checkpointsOf(texts: readonly string[]) {
  return texts
    .map((text) => JSON.parse(text) as Record<string, unknown>)
    .filter(({ type }) => type === 'tokentrail.log.checkpoint')
    .map((record) => decodeCheckpointRecord(record))
}

function zero(path: string, part: number): void {
  const bytes = readFileSync(path)
  writeFileSync(path, bytes.fill(0, Math.floor(bytes.length * part)))
}

function cut(path: string, part: number): void {
  const bytes = readFileSync(path)
  writeFileSync(path, bytes.subarray(0, Math.floor(bytes.length * part)))
}
