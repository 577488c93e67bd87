import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Disk } from '../../src/disk/disk.ts'
import { createOnce, makeDirectoryDurably, writeDurably } from '../../src/disk/files.ts'
import { nodeDisk } from '../../src/disk/node-disk.ts'
import { temporaryFolder } from '../support/folder.ts'

/** A disk that says what it was asked for. */
function createWatchedDisk(more: Partial<Disk> = {}): { disk: Disk; calls: string[] } {
  const calls: string[] = []
  const disk: Disk = {
    ...nodeDisk,
    makeDirectory: (path) => {
      calls.push(`mkdir ${path}`)
      nodeDisk.makeDirectory(path)
    },
    syncDirectory: (path) => {
      calls.push(`fsync ${path}`)
      nodeDisk.syncDirectory(path)
    },
    ...more,
  }
  return { disk, calls }
}

const failure = (code: string) => Object.assign(new Error(code), { code })

describe('a directory that survives a power cut', () => {
  it('has the name of every new parent flushed, from the top', () => {
    const root = temporaryFolder()
    const { disk, calls } = createWatchedDisk()
    makeDirectoryDurably(disk, join(root, 'a', 'b'))
    expect(calls).toEqual([
      `mkdir ${join(root, 'a')}`,
      `fsync ${root}`,
      `mkdir ${join(root, 'a', 'b')}`,
      `fsync ${join(root, 'a')}`,
    ])
    calls.length = 0
    makeDirectoryDurably(disk, join(root, 'a', 'b'))
    expect(calls).toEqual([])
  })

  it('is made below a folder that may not be read, and not where the flush fails', () => {
    const root = temporaryFolder()
    const refusing = (code: string) =>
      createWatchedDisk({
        syncDirectory: () => {
          throw failure(code)
        },
      }).disk
    makeDirectoryDurably(refusing('EACCES'), join(root, 'a'))
    expect(existsSync(join(root, 'a'))).toBe(true)
    expect(() => makeDirectoryDurably(refusing('EIO'), join(root, 'b'))).toThrow('EIO')
  })
})

describe('a file that is put in place whole', () => {
  it.each([
    ['write', 'ENOSPC'],
    ['syncData', 'EIO'],
  ] as const)('leaves nothing behind when %s fails', (name, code) => {
    const root = temporaryFolder()
    const path = join(root, 'file')
    writeDurably(nodeDisk, path, 'before')
    const { disk } = createWatchedDisk({
      [name]: () => {
        throw failure(code)
      },
    })
    expect(() => writeDurably(disk, path, 'after')).toThrow(code)
    expect(readdirSync(root)).toEqual(['file'])
  })
})

describe('a file that is made once', () => {
  const refuseLinks = (code: string) =>
    createWatchedDisk({
      link: () => {
        throw failure(code)
      },
    }).disk

  it.each(['EPERM', 'ENOTSUP', 'EOPNOTSUPP'])('is made where links end with %s', (code) => {
    const root = temporaryFolder()
    const path = join(root, 'file')
    expect(createOnce(refuseLinks(code), path, 'one')).toBe(true)
    expect(createOnce(refuseLinks(code), path, 'two')).toBe(false)
    expect(readFileSync(path, 'utf8')).toBe('one')
    expect(readdirSync(root)).toEqual(['file'])
  })

  it('is not made, nor anything left, where a link fails otherwise', () => {
    const root = temporaryFolder()
    expect(() => createOnce(refuseLinks('EIO'), join(root, 'file'), 'one')).toThrow('EIO')
    expect(readdirSync(root)).toEqual([])
  })
})
