import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  checkLog,
  eraseFromJournal,
  listJournalLogs,
  loadOrCreateKeys,
  openLog,
  readJournalLog,
  resolveExporterOptions,
  type RecordLog,
} from '@tokentrail/exporter'
import { verifyLogs } from '@tokentrail/ledger'
import type { Identity, RecordDraft } from '@tokentrail/session'
import { afterEach, describe, expect, it } from 'vitest'
import { listSegments, segmentPath } from '../../src/journal/layout.ts'
import { nodeDisk } from '../../src/disk/node-disk.ts'
import { startCollector } from '../support/collector.ts'
import { temporaryFolder } from '../support/folder.ts'

const ALICE = 'zyDOnUauNBpPoVwqDQ7LzQ'
const BOB = 'bAm6U-1IfoR8zYXYdIUdmA'
const alice = { pseudonyms: new Set([ALICE]), values: ['alice@example.com'] }
const identityOf = (pseudonym: string, value: string): Identity => ({
  kind: 'sub',
  issuer: 'https://as.example.com',
  pseudonym,
  value,
})
const draft = (user: string): RecordDraft => ({
  type: 'oauth.request',
  time: String(BigInt(Date.now()) * 1_000_000n),
  attributes: { 'user.hash': user, 'oauth.decision': 'allow' },
})

const open: RecordLog[] = []
afterEach(async () => {
  for (const log of open.splice(0)) await log.shutdown(0)
})

/** A journal of two users, which nobody takes delivery of. */
function record(endpoint = 'http://127.0.0.1:9/v1/logs') {
  const directory = temporaryFolder()
  const settings = resolveExporterOptions(
    { directory, slot: 's', resource: { 'service.name': 'orders' }, endpoint, batchDelayMillis: 1 },
    {},
  )
  const keys = loadOrCreateKeys(settings)
  const log = openLog({ settings, keys, recorderVersion: '0' })
  open.push(log)
  log.append(draft(ALICE), [identityOf(ALICE, 'alice@example.com')])
  log.append(draft(BOB), [identityOf(BOB, 'bob')])
  log.append(draft(ALICE))
  return { directory, log, root: keys.signing.publicJwk, settings, keys }
}

function textsOf(directory: string, kind: string): string[] {
  return listJournalLogs(directory).flatMap((log) =>
    [...readJournalLog(log)].filter((read) => read.kind === kind).map(({ text }) => text),
  )
}

function bytesOf(directory: string): string {
  return listJournalLogs(directory)
    .flatMap((log) => nodeDisk.list(log).map((name) => join(log, name)))
    .filter((file) => !file.includes('lock'))
    .map((file) => readFileSync(file, 'latin1'))
    .join()
}

describe('erasing from a journal', () => {
  it('takes the identity of one user, moves no byte, and every proof holds', async () => {
    const { directory, log, root } = record()
    await log.shutdown(0)
    const [logDirectory = ''] = listJournalLogs(directory)
    const segment = segmentPath(logDirectory, listSegments(nodeDisk, logDirectory)[0] ?? 0)
    const before = statSync(segment)
    const records = textsOf(directory, 'record')
    expect(eraseFromJournal(directory, alice)).toEqual({
      files: [{ file: segment, identities: 1, blankedBytes: 0, how: 'rewritten' }],
      residue: [],
    })
    expect(bytesOf(directory)).not.toContain('alice@')
    expect(bytesOf(directory)).toContain('bob')
    expect(statSync(segment).size).toBe(before.size)
    expect(statSync(segment).mode & 0o777).toBe(0o600)
    expect(textsOf(directory, 'record')).toEqual(records)
    expect(checkLog(logDirectory)).toMatchObject({ damage: [], missing: [], identities: 1 })
    const report = await verifyLogs(
      records.map((body) => ({ body })),
      { roots: [root] },
    )
    expect(report).toMatchObject({ verdict: 'VALID_SEALED', findings: [] })
    expect(eraseFromJournal(directory, alice).files).toEqual([])
  })

  it('works on a log that is being written, which goes on and is delivered without it', async () => {
    let status = 503
    const collector = await startCollector(() => status)
    const { directory, log } = record(collector.url)
    await collector.until(() => collector.requests.length > 0)
    const { files } = eraseFromJournal(directory, alice)
    expect(files).toMatchObject([{ identities: 1, how: 'overwritten' }])
    status = 200
    log.append(draft(BOB))
    expect(await log.shutdown(15_000)).toBe(true)
    const [logDirectory = ''] = listJournalLogs(directory)
    expect(checkLog(logDirectory)).toMatchObject({ damage: [], missing: [] })
    expect(bytesOf(directory)).not.toContain('alice@')
    expect(collector.accepted.length).toBeGreaterThan(5)
    await collector.close()
  })

  it('blanks torn and parked leftovers that betray the user, and no others', async () => {
    const { directory, log } = record()
    await log.shutdown(0)
    const [logDirectory = ''] = listJournalLogs(directory)
    const segment = readFileSync(segmentPath(logDirectory, 0))
    const at = segment.indexOf('alice@example.com')
    const torn = join(logDirectory, `${'0'.repeat(16)}.seg.torn`)
    const damaged = join(logDirectory, `${'0'.repeat(16)}.seg.64.damaged`)
    writeFileSync(torn, segment.subarray(at - 100, at + 17))
    writeFileSync(damaged, 'something else')
    const parked = join(logDirectory, 'rejected.ndjson')
    for (const { json } of readJournalLog(logDirectory)) appendFileSync(parked, `${json}\n`)
    const lines = readFileSync(parked, 'utf8').split('\n').length
    const { files } = eraseFromJournal(directory, alice)
    expect(files.map(({ file }) => file)).toContain(torn)
    expect(files.map(({ file }) => file)).toContain(parked)
    expect(files.map(({ file }) => file)).not.toContain(damaged)
    expect(bytesOf(directory)).not.toContain('alice@')
    expect(readFileSync(torn)).toEqual(Buffer.alloc(117))
    expect(readFileSync(parked, 'utf8').split('\n')).toHaveLength(lines - 1)
  })

  it('only counts on a dry run', async () => {
    const { directory, log } = record()
    await log.shutdown(0)
    const before = bytesOf(directory)
    expect(eraseFromJournal(directory, alice, { dryRun: true }).files).toMatchObject([
      { identities: 1 },
    ])
    expect(bytesOf(directory)).toBe(before)
  })

  it('leaves the old file or the new one when the disk refuses', async () => {
    const { directory, log } = record()
    await log.shutdown(0)
    const before = bytesOf(directory)
    const disk = {
      ...nodeDisk,
      rename: () => {
        throw Object.assign(new Error('no'), { code: 'EIO' })
      },
    }
    const { files, residue } = eraseFromJournal(directory, alice, { disk })
    expect(files).toEqual([])
    expect(residue).toMatchObject([{ reason: 'cannot be erased (EIO)' }])
    expect(textsOf(directory, 'identity').join()).toContain('alice@')
    expect(bytesOf(directory).length).toBeGreaterThanOrEqual(before.length)
  })
})
