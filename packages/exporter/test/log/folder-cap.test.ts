import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { nodeDisk } from '../../src/disk/node-disk.ts'
import { Cursor } from '../../src/journal/cursor.ts'
import { logPaths, segmentPath } from '../../src/journal/layout.ts'
import { tryLock } from '../../src/journal/lock.ts'
import { FolderCap } from '../../src/log/folder-cap.ts'
import { temporaryFolder } from '../support/folder.ts'

const A = '01a20a23-1100-7c3e-9d0b-00000000000a'
const B = '01a20a23-1100-7c3e-9d0b-00000000000b'

function folder() {
  const directory = temporaryFolder()
  const pathOf = (uuid: string) => join(directory, 'journal', 'orders', 'slot-0', uuid)
  const put = (uuid: string, firsts: readonly number[], bytes = 1_000) => {
    mkdirSync(pathOf(uuid), { recursive: true })
    for (const first of firsts) writeFileSync(segmentPath(pathOf(uuid), first), Buffer.alloc(bytes))
  }
  const deliver = (uuid: string, segment: number, offset: number) => {
    const cursor = Cursor.open(nodeDisk, logPaths(pathOf(uuid)).cursor)
    cursor.advance({ segment, offset })
    cursor.close()
  }
  const settle = (uuid: string) => writeFileSync(logPaths(pathOf(uuid)).end, '')
  const segments = (uuid: string) => readdirSync(pathOf(uuid)).filter((n) => n.endsWith('.seg'))
  const cap = (maxBytes: number) =>
    new FolderCap({ disk: nodeDisk, directory, maxBytes, takeLock: tryLock })
  return { directory, pathOf, put, deliver, settle, segments, cap }
}

const NONE: ReadonlySet<string> = new Set()

describe('the cap of a folder', () => {
  it('leaves room as long as there is some, whoever wrote what is there', () => {
    const { put, cap, segments } = folder()
    put(A, [0, 5])
    put(B, [0])
    expect(cap(10_000).room(NONE)).toBe(7_000)
    expect(segments(A)).toHaveLength(2)
  })

  it('has delivered segments removed, no more than are in the way', () => {
    const { put, deliver, cap, segments } = folder()
    put(A, [0, 5, 9, 14])
    deliver(A, 14, 64)
    expect(cap(3_600).room(NONE)).toBeGreaterThan(450)
    expect(segments(A)).toHaveLength(3)
    expect(segments(A)[0]).toBe('0000000000000005.seg')
  })

  it('never has anything removed that was not delivered', () => {
    const { put, deliver, cap, segments } = folder()
    put(A, [0, 5, 9])
    deliver(A, 5, 64)
    put(B, [0])
    expect(cap(1_000).room(NONE)).toBeLessThan(0)
    expect(segments(A)).toEqual(['0000000000000005.seg', '0000000000000009.seg'])
    expect(segments(B)).toHaveLength(1)
  })

  it('has all of a dead log removed whose end is known and delivered', () => {
    const { put, deliver, settle, cap, segments } = folder()
    put(A, [0, 5])
    deliver(A, 5, 1_000)
    settle(A)
    cap(500).room(NONE)
    expect(segments(A)).toEqual([])
  })

  it('leaves a dead log its last segment until somebody has spoken for its end', () => {
    const { put, deliver, cap, segments } = folder()
    put(A, [0, 5])
    deliver(A, 5, 1_000)
    cap(500).room(NONE)
    expect(segments(A)).toEqual(['0000000000000005.seg'])
  })

  it('leaves the log of another living process alone', () => {
    const { put, deliver, cap, segments, pathOf } = folder()
    put(A, [0, 5])
    deliver(A, 5, 64)
    const lock = tryLock(logPaths(pathOf(A)).lock)
    cap(500).room(NONE)
    expect(segments(A)).toHaveLength(2)
    lock?.release()
    cap(500).room(NONE)
    expect(segments(A)).toHaveLength(1)
  })

  it('takes the own log for granted, whose lock is held', () => {
    const { put, deliver, cap, segments, pathOf } = folder()
    put(A, [0, 5])
    deliver(A, 5, 1_000)
    const lock = tryLock(logPaths(pathOf(A)).lock)
    cap(500).room(new Set([pathOf(A)]))
    expect(segments(A)).toEqual(['0000000000000005.seg'])
    lock?.release()
  })
})
