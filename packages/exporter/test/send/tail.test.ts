import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { nodeDisk } from '../../src/disk/node-disk.ts'
import type { Position } from '../../src/journal/cursor.ts'
import type { JournalDamage } from '../../src/journal/quarantine.ts'
import { formatSegmentName } from '../../src/journal/segment.ts'
import { Tail } from '../../src/send/tail.ts'
import { temporaryFolder } from '../support/folder.ts'
import { segment, wire } from '../support/journal-bytes.ts'

function flipBit(bytes: Buffer, at: number): void {
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
}

function openTail(limits = { maxBatchRecords: 4, maxBatchBytes: 65_536 }, start?: Position) {
  const directory = temporaryFolder()
  const damage: JournalDamage[] = []
  const tail = new Tail(nodeDisk, directory, start, limits, (found) => damage.push(found))
  onTestFinished(() => tail.close())
  const write = (firstIndex: number, bytes: Buffer): Position => {
    writeFileSync(join(directory, formatSegmentName(firstIndex)), bytes)
    return { segment: firstIndex, offset: bytes.length }
  }
  const readAll = (end: Position, isFinal = false): string[][] => {
    const batches: string[][] = []
    for (let batch = tail.next(end, isFinal); batch; batch = tail.next(end, isFinal)) {
      batches.push([...batch.frames].map((frame) => frame.toString()))
      tail.pass(batch)
    }
    return batches
  }
  return { directory, tail, damage, write, readAll }
}

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, order) => `record ${from + order}`)
const wired = (from: number, to: number) => numbered(from, to).map((text) => wire(text).json)

describe('tailing a journal', () => {
  it('reads frames in order, over segments, as many at once as allowed', () => {
    const { write, readAll, damage, tail } = openTail()
    write(0, segment(numbered(0, 6)))
    const end = write(6, segment(numbered(6, 9), 6))
    expect(readAll(end)).toEqual([wired(0, 4), wired(4, 6), wired(6, 9)])
    expect(tail.position).toEqual(end)
    expect(damage).toEqual([])
  })

  it('never reads behind the committed end', () => {
    const { write, readAll } = openTail()
    const end = write(0, segment(numbered(0, 2)))
    write(0, segment(numbered(0, 4)))
    expect(readAll(end)).toEqual([wired(0, 2)])
  })

  it('gives the same batch, and more, until it is passed', () => {
    const { tail, write } = openTail()
    const end = write(0, segment(numbered(0, 1)))
    expect(tail.next(end, false)?.frames).toHaveLength(1)
    const later = write(0, segment(numbered(0, 3)))
    expect([...(tail.next(later, false)?.frames ?? [])].map(String)).toEqual(wired(0, 3))
  })

  it('starts at the cursor', () => {
    const offset = segment(numbered(0, 2)).length
    const { write, readAll } = openTail(undefined, { segment: 0, offset })
    expect(readAll(write(0, segment(numbered(0, 3))))).toEqual([wired(2, 3)])
  })

  it('keeps a batch within its bytes, but sends a record that alone is larger', () => {
    const limits = { maxBatchRecords: 100, maxBatchBytes: 65_536 }
    const { write, readAll } = openTail(limits)
    const texts = ['a'.repeat(40_000), 'b'.repeat(40_000), 'c'.repeat(80_000), 'd', 'e']
    const batches = readAll(write(0, segment(texts)))
    expect(batches.map((batch) => batch.length)).toEqual([1, 1, 1, 2])
  })

  it('passes over damage and reports it, wherever it is', () => {
    const whole = segment(numbered(0, 5))
    for (let offset = 64; offset < whole.length; offset += 5) {
      const { write, readAll, damage } = openTail()
      const bytes = Buffer.from(whole)
      bytes[offset] = (bytes[offset] ?? 0) ^ 0x55
      const read = readAll(write(0, bytes)).flat()
      expect(read).toHaveLength(4)
      expect(wired(0, 5)).toEqual(expect.arrayContaining(read))
      expect(damage).toHaveLength(1)
    }
  })

  it('reports a head that is wrong once nobody writes any more, and reads on behind it', () => {
    const bytes = segment(numbered(0, 3))
    flipBit(bytes, 33)
    for (const isFinal of [false, true]) {
      const { write, readAll, damage } = openTail()
      expect(readAll(write(0, bytes), isFinal).flat()).toEqual(wired(0, 3))
      const head = { segment: formatSegmentName(0), offset: 0, length: 64 }
      expect(damage).toEqual(isFinal ? [head] : [])
    }
  })

  it('says which records can have stood in damage, wherever it began to read', () => {
    const bytes = segment(numbered(0, 9))
    flipBit(bytes, segment(numbered(0, 6)).length + 30)
    for (const start of [undefined, { segment: 0, offset: segment(numbered(0, 3)).length }]) {
      const { write, readAll, damage } = openTail(undefined, start)
      readAll(write(0, bytes))
      expect(damage).toMatchObject([{ firstIndex: 6, lastIndex: 6 }])
    }
  })

  it('sends no record whose kind was damaged to that of an erased one, nor passes it over', () => {
    const { write, readAll, damage } = openTail()
    const bytes = segment(numbered(0, 3))
    bytes[segment(numbered(0, 1)).length + 16] = 3
    expect(readAll(write(0, bytes)).flat()).toEqual([...wired(0, 1), ...wired(2, 3)])
    expect(damage).toMatchObject([{ firstIndex: 1, lastIndex: 1 }])
  })

  it('waits for a file that is gone, and goes on when it was put back', () => {
    const { write, readAll, directory } = openTail()
    const end = write(0, segment(numbered(0, 2)))
    const path = join(directory, formatSegmentName(0))
    renameSync(path, `${path}.away`)
    expect(readAll(end)).toEqual([])
    renameSync(`${path}.away`, path)
    expect(readAll(end)).toEqual([wired(0, 2)])
  })

  it('reads the file that has taken the name of the one that was read', () => {
    const { write, readAll, directory, damage } = openTail()
    const whole = segment(numbered(0, 4))
    const path = join(directory, formatSegmentName(0))
    const torn = Buffer.from(whole)
    const read = segment(numbered(0, 2)).length
    torn.fill(0, read)
    write(0, torn)
    expect(readAll({ segment: 0, offset: read })).toEqual([wired(0, 2)])
    writeFileSync(`${path}.rescue`, whole)
    renameSync(`${path}.rescue`, path)
    expect(readAll({ segment: 0, offset: whole.length })).toEqual([wired(2, 4)])
    expect(damage).toEqual([])
  })

  it('passes over a segment that is gone for good, and reports it', () => {
    const { write, readAll, directory, tail, damage } = openTail()
    write(0, segment(numbered(0, 2)))
    write(2, segment(numbered(2, 4), 2))
    const end = write(4, segment(numbered(4, 6), 4))
    expect(tail.next(end, false)?.frames).toHaveLength(2)
    renameSync(join(directory, formatSegmentName(0)), join(directory, 'away'))
    tail.passUnreadable(end)
    expect(readAll(end).flat()).toEqual(wired(2, 6))
    expect(damage).toMatchObject([{ segment: formatSegmentName(0) }])
  })

  it('reports a segment that somebody took away before it was read', () => {
    const { write, readAll, directory, damage } = openTail()
    write(0, segment(numbered(0, 2)))
    write(2, segment(numbered(2, 4), 2))
    const end = write(4, segment(numbered(4, 6), 4))
    renameSync(join(directory, formatSegmentName(2)), join(directory, 'away'))
    expect(readAll(end).flat()).toEqual([...wired(0, 2), ...wired(4, 6)])
    const gone = { segment: formatSegmentName(2), offset: 0, length: 0 }
    expect(damage).toEqual([{ ...gone, firstIndex: 2, lastIndex: 3 }])
  })

  it('misses nothing between segments when it starts at the end of one', () => {
    const offset = segment(numbered(0, 2)).length
    const { write, readAll, damage } = openTail(undefined, { segment: 0, offset })
    write(0, segment(numbered(0, 2)))
    expect(readAll(write(2, segment(numbered(2, 4), 2))).flat()).toEqual(wired(2, 4))
    expect(damage).toEqual([])
  })

  it('misses what was cut off a segment, when it begins in the middle of it', () => {
    const offset = segment(numbered(0, 2)).length
    const { write, readAll, damage } = openTail(undefined, { segment: 0, offset })
    write(0, segment(numbered(0, 3)))
    expect(readAll(write(5, segment(numbered(5, 6), 5))).flat()).toEqual([
      ...wired(2, 3),
      ...wired(5, 6),
    ])
    expect(damage).toMatchObject([{ offset: 0, length: 0, firstIndex: 3, lastIndex: 4 }])
  })

  it('misses what was cut off a segment behind what had been delivered of it', () => {
    const offset = segment(numbered(0, 2)).length
    const { write, readAll, damage } = openTail(undefined, { segment: 0, offset })
    write(0, segment(numbered(0, 2)))
    expect(readAll(write(4, segment(numbered(4, 5), 4))).flat()).toEqual(wired(4, 5))
    expect(damage).toMatchObject([{ offset: 0, length: 0, firstIndex: 2, lastIndex: 3 }])
  })

  it('misses nothing where a power cut has left less than was delivered', () => {
    const { length } = segment(numbered(0, 3))
    const { write, readAll, tail, damage } = openTail(undefined, { segment: 0, offset: length })
    const end = write(0, segment(numbered(0, 2)))
    expect(readAll(end, true)).toEqual([])
    tail.passUnreadable(end)
    expect(tail.position).toEqual(end)
    expect(damage).toEqual([])
  })

  it('ends at the end when the last segment is shorter than it was', () => {
    const { write, readAll, tail, damage } = openTail()
    const { length } = segment(numbered(0, 3))
    write(0, segment(numbered(0, 2)))
    const end = { segment: 0, offset: length }
    expect(readAll(end)).toEqual([])
    expect(readAll(end, true)).toEqual([wired(0, 2)])
    tail.passUnreadable(end)
    expect(tail.position).toEqual(end)
    expect(damage).toHaveLength(1)
  })

  it('leaves what somebody has put in the place of a segment when that is put back', () => {
    const { write, readAll, directory } = openTail()
    const whole = segment(numbered(0, 6))
    const end = write(0, whole)
    const path = join(directory, formatSegmentName(0))
    renameSync(path, `${path}.kept`)
    write(0, Buffer.from('what somebody else has written'))
    expect(readAll(end)).toEqual([])
    renameSync(path, `${path}.replaced`)
    renameSync(`${path}.kept`, path)
    const next = write(6, segment(numbered(6, 8), 6))
    expect(readAll(next).flat()).toEqual(wired(0, 8))
  })
})
