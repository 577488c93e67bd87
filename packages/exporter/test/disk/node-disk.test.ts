import { existsSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { nodeDisk } from '../../src/disk/node-disk.ts'
import { temporaryFolder } from '../support/folder.ts'

describe('making a folder', () => {
  it('makes those above it, for the owner alone, and is content with what is there', () => {
    const folder = temporaryFolder()
    const path = join(folder, 'a', 'b')
    nodeDisk.makeDirectory(path)
    nodeDisk.makeDirectory(path)
    expect(statSync(path).mode & 0o777).toBe(0o700)
  })

  it('comes to an end below a link to nothing', () => {
    const link = join(temporaryFolder(), 'volume')
    symlinkSync('/nowhere/at/all', link)
    expect(() => nodeDisk.makeDirectory(join(link, 'keys'))).toThrow(/ENOENT/)
  })

  it.runIf(existsSync('/proc/self'))('comes to an end where no folder can be made', () => {
    expect(() => nodeDisk.makeDirectory('/proc/tokentrail/keys')).toThrow(/ENOENT/)
  })

  it('says that a file is in the way', () => {
    const file = join(temporaryFolder(), 'file')
    writeFileSync(file, '')
    expect(() => nodeDisk.makeDirectory(join(file, 'keys'))).toThrow(/ENOTDIR/)
  })
})
