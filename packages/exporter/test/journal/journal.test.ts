import {
  existsSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { nodeDisk } from '../../src/disk/node-disk.ts'
import { readSegment } from '../../src/journal/log-reader.ts'
import { wire } from '../support/journal-bytes.ts'
import { openJournal } from '../support/open-journal.ts'

const numbered = (count: number) => Array.from({ length: count }, (_, index) => `record ${index}`)

describe('a journal', () => {
  it('goes on after short counts, so that every frame is whole', () => {
    const { disk, append, texts } = openJournal()
    disk.maxWrite = 7
    for (let index = 0; index < 10; index++) append(index)
    expect(texts()).toEqual(numbered(10))
  })

  it('begins a new segment when the next frames do not fit, named by their index', () => {
    const { append, texts, directory, journal } = openJournal(300)
    for (let index = 0; index < 7; index++) append(index)
    expect(texts()).toEqual(numbered(7))
    expect(readdirSync(directory).length).toBeGreaterThan(2)
    expect(journal.end?.segment).toBeGreaterThan(0)
  })

  it('keeps identities in front of the record that uses them, in the same segment', () => {
    const { journal, directory, disk } = openJournal(300)
    const contents = [
      { kind: 'identity' as const, index: 0, ...wire('who') },
      { kind: 'record' as const, index: 0, ...wire('what') },
    ]
    journal.append(contents)
    expect(readSegment(disk, directory, 0)).toMatchObject({
      identities: 1,
      records: [{ index: 0, text: 'what' }],
    })
  })

  it('cuts off what a full disk took of a frame, and goes on at the same place', () => {
    const { append, disk, texts, commits } = openJournal()
    append(0)
    const end = commits.at(-1)
    disk.room = 20
    expect(() => append(1)).toThrow(
      expect.objectContaining({ code: 'ERR_EXPORTER_JOURNAL_WRITE_FAILED' }),
    )
    expect(commits.at(-1)).toEqual(end)
    expect(texts()).toEqual(numbered(1))
    disk.room = Infinity
    append(1)
    expect(texts()).toEqual(numbered(2))
  })

  it('goes on in a new segment where no file may grow larger', () => {
    const { append, disk, journal, directory, texts } = openJournal()
    disk.maxFile = 300
    for (let index = 0; index < 7; index++) append(index)
    expect(texts()).toEqual(numbered(7))
    expect(readdirSync(directory).length).toBeGreaterThan(2)
    expect(journal.end?.segment).toBeGreaterThan(0)
  })

  it('says so when not even an empty segment may grow as large as a frame', () => {
    const { append, disk, directory, texts } = openJournal()
    disk.maxFile = 70
    expect(() => append(0)).toThrow(
      expect.objectContaining({ code: 'ERR_EXPORTER_JOURNAL_WRITE_FAILED' }),
    )
    disk.maxFile = Infinity
    append(0)
    expect(readdirSync(directory)).toHaveLength(1)
    expect(texts()).toEqual(numbered(1))
  })

  it('leaves no file behind when a new segment finds no room', () => {
    const { append, disk, directory } = openJournal(150)
    append(0)
    disk.room = 10
    expect(() => append(1)).toThrow(
      expect.objectContaining({ code: 'ERR_EXPORTER_JOURNAL_WRITE_FAILED' }),
    )
    expect(readdirSync(directory)).toHaveLength(1)
    disk.room = Infinity
    append(1)
    expect(readdirSync(directory)).toHaveLength(2)
  })

  it('leaves no file behind, which would be in its own way, when a new one cannot be looked at', () => {
    const { append, disk, directory, texts } = openJournal(150)
    append(0)
    disk.fileStat = () => {
      throw Object.assign(new Error('EIO'), { code: 'EIO' })
    }
    disk.write = (...write) => nodeDisk.write(...write)
    expect(() => append(1)).toThrow(
      expect.objectContaining({ code: 'ERR_EXPORTER_JOURNAL_WRITE_FAILED' }),
    )
    disk.fileStat = (descriptor) => nodeDisk.fileStat(descriptor)
    expect(readdirSync(directory)).toHaveLength(1)
    append(1)
    expect(texts()).toEqual(numbered(2))
  })

  it.each(['unlinked', 'replaced'])('puts its file back when it was %s', (how) => {
    const { append, journal, directory, texts } = openJournal()
    append(0)
    expect(journal.restoreIfReplaced()).toBe(false)
    const path = join(directory, '0000000000000000.seg')
    if (how === 'unlinked') unlinkSync(path)
    else {
      renameSync(path, `${path}.moved`)
      writeFileSync(path, 'a stranger')
    }
    append(1)
    expect(journal.restoreIfReplaced()).toBe(true)
    append(2)
    expect(texts()).toEqual(numbered(3))
    const stranger = existsSync(`${path}.replaced`) && readFileSync(`${path}.replaced`, 'utf8')
    expect(stranger).toBe(how === 'replaced' && 'a stranger')
  })

  it('puts its file back before it goes on in another segment', () => {
    const { append, journal, directory, texts } = openJournal(300)
    append(0)
    const path = join(directory, '0000000000000000.seg')
    unlinkSync(path)
    writeFileSync(path, 'a stranger')
    for (let index = 1; index < 8; index += 1) append(index)
    expect(readdirSync(directory).filter((name) => name.endsWith('.seg')).length).toBeGreaterThan(1)
    expect(texts()).toEqual(numbered(8))
    expect(journal.restoreIfReplaced()).toBe(true)
    expect(journal.restoreIfReplaced()).toBe(false)
  })

  it('is put back whole when its folder was moved away before its name was flushed', async () => {
    const { append, journal, directory, syncFailures, texts } = openJournal()
    append(0)
    renameSync(directory, `${directory}.away`)
    onTestFinished(() => rmSync(`${directory}.away`, { recursive: true }))
    journal.syncLater()
    await vi.waitFor(() => expect(syncFailures).toEqual(['ENOENT']))
    append(1)
    expect(journal.restoreIfReplaced()).toBe(true)
    append(2)
    expect(journal.close()).toBe(true)
    expect(readdirSync(directory)).toEqual(['0000000000000000.seg'])
    expect(texts()).toEqual(numbered(3))
  })

  it('never writes to a segment again whose flush failed', async () => {
    const { append, disk, journal, syncFailures, directory, texts } = openJournal()
    append(0)
    disk.syncError = 'EIO'
    journal.syncLater()
    await new Promise((resolve) => setImmediate(resolve))
    expect(syncFailures).toEqual(['EIO'])
    disk.syncError = undefined
    append(1)
    expect(readdirSync(directory)).toEqual(['0000000000000000.seg', '0000000000000001.seg'])
    expect(texts()).toEqual(numbered(2))
  })
})
