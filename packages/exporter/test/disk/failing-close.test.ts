import {
  appendFileSync,
  existsSync,
  readFileSync,
  readdirSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Disk } from '../../src/disk/disk.ts'
import { readFully, writeDurably } from '../../src/disk/files.ts'
import { nodeDisk } from '../../src/disk/node-disk.ts'
import { overwriteNoted } from '../../src/erase/erasure-note.ts'
import { Cursor, readCursor, syncCursor } from '../../src/journal/cursor.ts'
import { listUnstated, quarantine } from '../../src/journal/quarantine.ts'
import { recoverLog } from '../../src/journal/recovery.ts'
import { Reserve } from '../../src/journal/reserve.ts'
import { formatSegmentName } from '../../src/journal/segment.ts'
import { isUnflushed, noteUnflushed } from '../../src/journal/unflushed.ts'
import { Tail } from '../../src/send/tail.ts'
import { deadLog } from '../support/dead-log.ts'
import { temporaryFolder } from '../support/folder.ts'
import { segment, wire } from '../support/journal-bytes.ts'

const open = new Set<number>()

/** Every close fails, and the descriptor is gone all the same, as on Linux. */
const disk: Disk = {
  ...nodeDisk,
  open: (path, mode) => {
    const descriptor = nodeDisk.open(path, mode)
    open.add(descriptor)
    return descriptor
  },
  close: (descriptor) => {
    // A number that was given back may be another file's, of the application even.
    if (!open.delete(descriptor)) throw new TypeError(`${descriptor} was closed twice`)
    nodeDisk.close(descriptor)
    throw Object.assign(new Error('EIO'), { code: 'EIO' })
  },
}

describe('a file whose close fails', () => {
  it('is written and read whole', () => {
    const path = join(temporaryFolder(), 'file')
    writeDurably(disk, path, 'whole')
    expect(readFully(disk, path).toString()).toBe('whole')
    expect([...open]).toEqual([])
  })

  it('is delivered, when another has taken its name too', () => {
    const directory = temporaryFolder()
    const path = join(directory, formatSegmentName(0))
    const bytes = segment(['record 0', 'record 1'])
    writeFileSync(path, bytes)
    const limits = { maxBatchRecords: 1, maxBatchBytes: 65_536 }
    const tail = new Tail(disk, directory, undefined, limits, () => undefined)
    const end = { segment: 0, offset: bytes.length }
    const first = tail.next(end, false)
    expect([...(first?.frames ?? [])].map(String)).toEqual([wire('record 0').json])
    if (first) tail.pass(first)
    renameSync(path, `${path}.replaced`)
    writeFileSync(path, bytes)
    expect([...(tail.next(end, false)?.frames ?? [])].map(String)).toEqual([wire('record 1').json])
    tail.close()
    tail.close()
    expect([...open]).toEqual([])
  })

  it('keeps how far a log was delivered', () => {
    const path = join(temporaryFolder(), 'cursor')
    const cursor = Cursor.open(disk, path)
    cursor.advance({ segment: 0, offset: 100 })
    cursor.close()
    syncCursor(disk, path)
    expect(readCursor(disk, path)).toEqual({ segment: 0, offset: 100 })
    expect([...open]).toEqual([])
  })

  it('gives its room back', () => {
    const path = join(temporaryFolder(), 'reserve')
    const reserve = new Reserve(disk, path, 4096)
    reserve.fill()
    expect(readFileSync(path)).toHaveLength(4096)
    reserve.remove()
    expect(existsSync(path)).toBe(false)
    reserve.remove()
    expect([...open]).toEqual([])
  })

  it('is set aside, where it is damaged', () => {
    const directory = temporaryFolder()
    const name = formatSegmentName(0)
    writeFileSync(join(directory, name), segment(['record 0']))
    quarantine(disk, directory, { segment: name, offset: 0, length: 64 })
    expect(listUnstated(disk, directory)).toMatchObject([{ offset: 0, length: 64 }])
    noteUnflushed(disk, join(directory, name))
    expect(isUnflushed(disk, join(directory, name))).toBe(true)
    expect([...open]).toEqual([])
  })

  it('is recovered, and its torn end is cut off', () => {
    const { directory, size, head } = deadLog(4)
    const path = join(directory, formatSegmentName(0))
    appendFileSync(path, 'torn')
    const bytes = readFileSync(path).length
    expect(recoverLog(disk, directory)?.end).toMatchObject({ size, root: head.root })
    expect(readFileSync(path)).toHaveLength(bytes - 4)
    expect(readdirSync(directory).filter((name) => name.endsWith('.unflushed'))).toEqual([])
    expect([...open]).toEqual([])
  })

  it('is written over, where an identity is erased', () => {
    const file = join(temporaryFolder(), 'file')
    writeFileSync(file, 'alice')
    overwriteNoted(disk, file, Buffer.from('.....'), [{ start: 0, end: 5 }])
    expect(readFileSync(file, 'utf8')).toBe('.....')
    expect(existsSync(`${file}.erasing`)).toBe(false)
    expect([...open]).toEqual([])
  })
})
