import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { readJournalLog } from '@tokentrail/exporter'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Disk } from '../../src/disk/disk.ts'
import { nodeDisk } from '../../src/disk/node-disk.ts'
import { inspectJournal } from '../../src/drain/inspect-journal.ts'
import { tryLock } from '../../src/journal/lock.ts'
import { findUnbegun, reserveLog } from '../../src/log/reserved-log.ts'
import { temporaryFolder } from '../support/folder.ts'
import { openTestLog, requestDraft } from '../support/open.ts'

const UUID = '01a20a23-1100-7000-8000-000000000001'
const ORIGIN = `orders/slot-0/${UUID}`
/** RFC 6962 §2.1: SHA-256 of nothing. */
const EMPTY_ROOT = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='

/** The folder of a slot in which a process has reserved a log and died. */
function leaveReservation(disk: Disk = nodeDisk) {
  const directory = temporaryFolder()
  const slotDirectory = join(directory, 'journal', 'orders', 'slot-0')
  reserveLog({ disk, slotDirectory, takeLock: tryLock }, UUID, ORIGIN).release()
  return { directory, slotDirectory, log: join(slotDirectory, UUID) }
}

/** What the logs of a slot say of logs that had no record. */
function statements(slotDirectory: string): readonly object[] {
  return readdirSync(slotDirectory)
    .flatMap((uuid) => [...readJournalLog(join(slotDirectory, uuid))])
    .map(({ text }) => JSON.parse(text) as Readonly<Record<string, unknown>>)
    .filter(({ type, prevSize }) => type === 'tokentrail.log.recovered' && prevSize === 0)
}

describe('a log that was reserved and never begun', () => {
  it('is said to have had no record, once, by the next log of the slot', () => {
    const { directory, slotDirectory, log } = leaveReservation()
    expect(readFileSync(join(log, 'registered'), 'utf8')).toBe(`${ORIGIN}\n`)
    openTestLog({ directory })
    expect(statements(slotDirectory)).toMatchObject([
      { prevLog: ORIGIN, prevSize: 0, prevRoot: EMPTY_ROOT, lastSignedSize: 0 },
    ])
    expect(existsSync(log)).toBe(false)
    openTestLog({ directory })
    expect(statements(slotDirectory)).toHaveLength(1)
  })

  it('is left alone while its process lives', () => {
    const { directory, slotDirectory, log } = leaveReservation()
    const lock = tryLock(join(log, 'lock'))
    onTestFinished(() => lock?.release())
    openTestLog({ directory })
    expect(statements(slotDirectory)).toEqual([])
    expect(existsSync(join(log, 'registered'))).toBe(true)
  })

  it.each([
    ['a stub', 10],
    ['a head of a segment alone', 64],
  ])('is one whose journal has %s', (_, length) => {
    const { directory, slotDirectory, log } = leaveReservation()
    writeFileSync(join(log, '0000000000000000.seg'), Buffer.alloc(length))
    const options = { disk: nodeDisk, slotDirectory, takeLock: tryLock }
    for (const { lock } of findUnbegun(options, '')) lock.release()
    openTestLog({ directory })
    expect(statements(slotDirectory)).toHaveLength(1)
  })

  it('is not one whose journal has bytes, readable or not', () => {
    const { directory, slotDirectory, log } = leaveReservation()
    writeFileSync(join(log, '0000000000000000.seg'), Buffer.alloc(500, 7))
    openTestLog({ directory })
    expect(statements(slotDirectory)).toEqual([])
    expect(existsSync(join(log, 'registered'))).toBe(true)
  })

  it('is not one that nobody has asked a registry for', () => {
    const { directory, slotDirectory } = leaveReservation()
    const other = join(slotDirectory, UUID.replace(/1$/, '2'))
    mkdirSync(other)
    openTestLog({ directory })
    expect(statements(slotDirectory)).toHaveLength(1)
    expect(existsSync(other)).toBe(true)
  })

  it('stays noted until the statement is on disk', () => {
    const { directory, slotDirectory, log } = leaveReservation()
    let failing = false
    const disk: Disk = {
      ...nodeDisk,
      syncData: (descriptor) => {
        if (failing) throw Object.assign(new Error('EIO'), { code: 'EIO' })
        nodeDisk.syncData(descriptor)
      },
      write: (descriptor, source, ...rest) => {
        if (Buffer.from(source).includes(ORIGIN)) failing = true
        return nodeDisk.write(descriptor, source, ...rest)
      },
    }
    openTestLog({ directory }, { disk })
    expect(statements(slotDirectory)).toHaveLength(1)
    expect(existsSync(join(log, 'registered'))).toBe(true)
  })

  it('is listed for those who drain a folder', () => {
    const { directory } = leaveReservation()
    expect(inspectJournal(directory)).toMatchObject([
      { uuid: UUID, isAlive: false, isSettled: false, undeliveredBytes: 0 },
    ])
  })
})

/** A registry that certifies nothing, and hears what is asked. */
async function startDeafRegistry() {
  const asked: string[] = []
  const server = createServer((request, response) => {
    request.on('data', (part: Buffer) => asked.push(part.toString()))
    request.on('end', () => response.writeHead(503).end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

it('a log that is shut down says of the one that was to follow it that it never began', async () => {
  const directory = temporaryFolder()
  const slotDirectory = join(directory, 'journal', 'orders', 'slot-0')
  const { url } = await startDeafRegistry()
  const { log } = openTestLog({ directory, registryUrl: url })
  log.append(requestDraft(0))
  const reserved = readdirSync(slotDirectory).find((uuid) =>
    existsSync(join(slotDirectory, uuid, 'registered')),
  )
  expect(log.origin).not.toContain(reserved)
  await log.shutdown(0)
  expect(statements(slotDirectory)).toMatchObject([{ prevLog: `orders/slot-0/${reserved}` }])
  expect(existsSync(join(slotDirectory, reserved ?? ''))).toBe(false)
})
