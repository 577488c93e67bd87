import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { nodeDisk } from '../../src/disk/node-disk.ts'
import { Cursor, readCursor } from '../../src/journal/cursor.ts'
import { temporaryFolder } from '../support/folder.ts'

function writtenCursor(): { path: string; bytes: Buffer } {
  const path = join(temporaryFolder(), 'cursor')
  const cursor = Cursor.open(nodeDisk, path)
  expect(cursor.position).toBeUndefined()
  cursor.advance({ segment: 0, offset: 100 })
  cursor.advance({ segment: 4096, offset: 64 })
  cursor.close()
  return { path, bytes: readFileSync(path) }
}

describe('a cursor', () => {
  it('is where it was when it is opened again', () => {
    const { path } = writtenCursor()
    expect(readCursor(nodeDisk, path)).toEqual({ segment: 4096, offset: 64 })
    const again = Cursor.open(nodeDisk, path)
    again.advance({ segment: 4096, offset: 65 })
    again.close()
    expect(readCursor(nodeDisk, path)).toEqual({ segment: 4096, offset: 65 })
  })

  it('falls back to the position before, or to none, never to another one', () => {
    const { path, bytes } = writtenCursor()
    const known = [
      { segment: 4096, offset: 64 },
      { segment: 0, offset: 100 },
    ]
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      writeFileSync(path, flipped)
      expect(known).toContainEqual(readCursor(nodeDisk, path))
    }
    for (let length = bytes.length; length >= 0; length--) {
      truncateSync(path, length)
      expect([...known, undefined]).toContainEqual(readCursor(nodeDisk, path))
    }
  })

  it('is none where there is no file', () => {
    expect(readCursor(nodeDisk, join(temporaryFolder(), 'cursor'))).toBeUndefined()
  })
})
