import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import {
  eraseFromExport,
  eraseFromJournal,
  listJournalLogs,
  readJournalLog,
} from '@tokentrail/exporter'
import { encodeIdentity, type Identity } from '@tokentrail/session'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Disk } from '../../src/disk/disk.ts'
import { nodeDisk } from '../../src/disk/node-disk.ts'
import { checkLog } from '../../src/fsck.ts'
import { temporaryFolder } from '../support/folder.ts'
import { openTestLog, requestDraft } from '../support/open.ts'

const ALICE = 'zyDOnUauNBpPoVwqDQ7LzQ'
const BOB = 'bAm6U-1IfoR8zYXYdIUdmA'
const VALUE = 'alice@example.com'
const alice = { pseudonyms: new Set([ALICE]), values: [VALUE] }
const identityOf = (pseudonym: string, value: string): Identity => ({
  kind: 'sub',
  issuer: 'https://as.example.com',
  pseudonym,
  value,
})

/** A log without an end, of which every call gives a copy. */
function record(): () => { readonly directory: string; readonly folder: string } {
  const directory = temporaryFolder()
  const { log } = openTestLog({ directory })
  log.append(requestDraft(0), [identityOf(ALICE, VALUE)])
  log.append(requestDraft(1), [identityOf(BOB, 'bob')])
  log.append(requestDraft(2), [identityOf(ALICE, VALUE), identityOf(ALICE, `${VALUE}.org`)])
  const [recorded = ''] = listJournalLogs(directory)
  const { json } = encodeIdentity(identityOf(ALICE, VALUE), log.origin, '1', 'k.1')
  writeFileSync(join(recorded, 'rejected.ndjson'), `${json}\n{"a":1}\n`)
  return () => {
    const copy = temporaryFolder()
    const filter = (path: string): boolean => !/\/(?:lock|reserve)[^/]*$/.test(path)
    cpSync(directory, copy, { recursive: true, filter })
    return { directory: copy, folder: listJournalLogs(copy)[0] ?? '' }
  }
}

const recordsIn = (folder: string): readonly string[] =>
  [...readJournalLog(folder)].filter(({ kind }) => kind === 'record').map(({ text }) => text)

const bytesIn = (folder: string): string =>
  nodeDisk
    .list(folder)
    .filter((name) => !name.startsWith('lock'))
    .map((name) => readFileSync(join(folder, name), 'latin1'))
    .join()

/** A disk that goes down at the n-th call that changes something; of a write a part has gone. */
function createDyingDisk(dieAt: number, part: number) {
  let calls = 0
  let isDown = false
  const die = (before: () => void = () => undefined): void => {
    if (isDown) throw new Error('down')
    if (++calls !== dieAt) return
    before()
    isDown = true
    throw new Error('down')
  }
  const disk: Disk = {
    ...nodeDisk,
    open: (path, mode) => {
      if (mode === 'create') die()
      if (isDown) throw new Error('down')
      return nodeDisk.open(path, mode)
    },
    write: (descriptor, source, offset, length, position) => {
      die(() => {
        const taken = Math.floor(length * part)
        if (taken > 0) nodeDisk.write(descriptor, source, offset, taken, position)
      })
      return nodeDisk.write(descriptor, source, offset, length, position)
    },
    syncData: (descriptor) => {
      die()
      nodeDisk.syncData(descriptor)
    },
    syncDirectory: (path) => {
      die()
      nodeDisk.syncDirectory(path)
    },
    rename: (from, to) => {
      die()
      nodeDisk.rename(from, to)
    },
    remove: (path) => {
      die()
      nodeDisk.remove(path)
    },
  }
  return { disk, isDone: () => !isDown }
}

const dead = () => ({ release: () => undefined })
const alive = () => undefined

describe.each([
  ['dead', dead],
  ['alive', alive],
] as const)(
  'an erasure in a log that is %s, interrupted at every call of the disk,',
  (_, takeLock) => {
    it.each([0, 0.6])('with %d of a write gone, is ended by a second run', (part) => {
      const copyLog = record()
      let rounds = 0
      for (let dieAt = 1; ; dieAt++) {
        const { directory, folder } = copyLog()
        const records = recordsIn(folder)
        const { disk, isDone } = createDyingDisk(dieAt, part)
        eraseFromJournal(directory, alice, { disk, takeLock })
        expect(recordsIn(folder).slice(0, records.length)).toEqual(records)
        const { residue } = eraseFromJournal(directory, alice, { takeLock })
        expect(residue).toEqual([])
        expect(bytesIn(folder)).not.toContain('alice')
        expect(bytesIn(folder)).toContain('bob')
        expect(recordsIn(folder).slice(0, records.length)).toEqual(records)
        expect(checkLog(folder)).toMatchObject({ damage: [], missing: [] })
        expect(nodeDisk.list(folder).filter((name) => /erasing|tmp$/.test(name))).toEqual([])
        if (isDone()) break
        rounds++
      }
      expect(rounds).toBeGreaterThan(8)
    })
  },
)

it('an erasure in a living log that a power cut interrupts is ended by the next process', async () => {
  const copyLog = record()
  let rounds = 0
  for (let dieAt = 1; ; dieAt++) {
    const { directory, folder } = copyLog()
    const { disk, isDone } = createDyingDisk(dieAt, 0.4)
    eraseFromJournal(directory, alice, { disk, takeLock: alive })
    const wasNoted = nodeDisk.list(folder).some((name) => name.endsWith('.seg.erasing'))
    const { log, health } = openTestLog({ directory })
    await log.shutdown(0)
    expect(health.filter(({ kind }) => kind === 'journal-damaged')).toEqual([])
    expect(checkLog(folder)).toMatchObject({ damage: [] })
    const segment = nodeDisk.list(folder).find((name) => name.endsWith('.seg')) ?? ''
    if (wasNoted) rounds++
    const hasAlice = readFileSync(join(folder, segment), 'latin1').includes('alice')
    expect(wasNoted && hasAlice).toBe(false)
    if (isDone()) break
  }
  expect(rounds).toBeGreaterThan(3)
})

it('an export is whole, though the disk takes a write in parts', async () => {
  const file = join(temporaryFolder(), 'a.jsonl')
  const { json } = encodeIdentity(identityOf(ALICE, VALUE), 'orders/0/u', '1', 'k.1')
  const others = Array.from({ length: 50 }, (_, i) => `{"record":${i}}`)
  writeFileSync(file, [json, ...others, ''].join('\n'))
  const probe = await open(file)
  const prototype = Object.getPrototypeOf(probe) as { write: (bytes: Buffer) => Promise<unknown> }
  const { write } = prototype
  await probe.close()
  const spy = vi.spyOn(prototype, 'write').mockImplementation(function (this: object, bytes) {
    return Reflect.apply(write, this, [bytes.subarray(0, 10)])
  })
  onTestFinished(() => spy.mockRestore())
  await eraseFromExport([file], alice)
  expect(readFileSync(file, 'utf8')).toBe([...others, ''].join('\n'))
})
