import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { checkLog, loadOrCreateKeys, resolveExporterOptions } from '@tokentrail/exporter'
import { createMerkleTree, formatBase64, hashLeaf, verifyLogs } from '@tokentrail/ledger'
import { ACCEPT, type ArrivedRecord, startCollector } from './support/collector.ts'
import { temporaryFolder } from './support/folder.ts'
import { openTestLog, requestDraft } from './support/open.ts'
import { startWriter } from './support/writer.ts'

const kinds = (events: readonly { readonly kind: string }[]) => events.map(({ kind }) => kind)
const typesOf = (records: readonly ArrivedRecord[]) => records.map(({ eventName }) => eventName)

/** Records of one log in the order of their first arrival, identities and repeats left out. */
function leavesOf(records: readonly ArrivedRecord[], origin: string): string[] {
  const own = records.filter(({ uid }) => uid.startsWith(`${origin}.`))
  const texts = new Map(own.map(({ uid, text }) => [uid, text]))
  return [...texts.values()].filter((text) => !text.includes('"type":"tokentrail.identity"'))
}

function onlyLog(directory: string): string {
  const slot = join(directory, 'journal', 'orders', 'slot-0')
  const [uuid, ...others] = readdirSync(slot)
  expect(others).toEqual([])
  return join(slot, uuid ?? '')
}

describe('a record log', () => {
  it('has record 0 in its journal when it is open, signed for and certified', () => {
    const directory = temporaryFolder()
    const hooks = [{ name: 'jose.jwtVerify', state: 'live' }]
    const { log } = openTestLog({ directory }, { hooks, policyVersion: 'sha256:x' })
    expect(log.origin).toMatch(/^orders\/slot-0\/[0-9a-f-]{36}$/)
    expect(log.state()).toMatchObject({ size: 1, signedSize: 0, lost: 0, closed: false })
    const check = checkLog(onlyLog(directory))
    expect(check).toMatchObject({ records: 1, damage: [], end: { origin: log.origin, size: 1 } })
  })

  it('encodes the parts of its origin, and its folder stays inside', () => {
    const directory = temporaryFolder()
    const resource = { 'service.name': 'a b/c' }
    const { log } = openTestLog({ directory, slot: '..', resource })
    expect(log.origin).toMatch(/^a%20b%2Fc\/\.\.\//)
    expect(readdirSync(join(directory, 'journal', 'a%20b%2Fc'))).toEqual(['%2E%2E'])
  })

  it('delivers every record, in order, under the resource of the service', async () => {
    const collector = await startCollector()
    const { log } = openTestLog({ directory: temporaryFolder(), endpoint: collector.url })
    for (let number = 0; number < 1500; number++) log.append(requestDraft(number))
    expect(await log.shutdown(10_000)).toBe(true)
    const leaves = leavesOf(collector.accepted, log.origin)
    expect(leaves).toHaveLength(log.state().size)
    expect(leaves.map((text) => (JSON.parse(text) as { index: number }).index)).toEqual(
      leaves.map((_, index) => index),
    )
    expect(collector.requests[0]?.headers).toMatchObject({
      'content-type': 'application/json',
      'content-encoding': 'gzip',
      'user-agent': 'tokentrail/0.1.0',
    })
    await collector.close()
  })

  it('delivers identities before the record that uses them, without an index', async () => {
    const collector = await startCollector()
    const { log } = openTestLog({ directory: temporaryFolder(), endpoint: collector.url })
    const identity = {
      kind: 'sub',
      issuer: 'https://as',
      pseudonym: 'n2Jk',
      value: 'alice',
    } as const
    log.append(requestDraft(0), [identity])
    await log.shutdown(10_000)
    expect(typesOf(collector.accepted).slice(0, 3)).toEqual([
      'tokentrail.log.open',
      'tokentrail.identity',
      'oauth.request',
    ])
    expect(collector.accepted[1]?.uid).toBe(`${log.origin}.n2Jk`)
    const leaves = leavesOf(collector.accepted, log.origin)
    const tree = createMerkleTree()
    for (const text of leaves.slice(0, -1)) tree.append(hashLeaf(text))
    const closing = JSON.parse(leaves.at(-1) ?? '') as { note: string }
    expect(closing.note.split('\n')[2]).toBe(formatBase64(tree.root()))
    await collector.close()
  })

  it('is idempotent at its end, and counts what comes afterwards', async () => {
    const { log, health } = openTestLog({ directory: temporaryFolder() })
    log.close()
    const { size } = log.state()
    log.close()
    expect(log.state()).toMatchObject({ size, closed: true })
    log.append(requestDraft(0))
    expect(log.state()).toMatchObject({ size, lost: 1 })
    expect(kinds(health)).toContain('record-lost')
    expect(log.shutdown(0)).toBe(log.shutdown(0))
    await log.shutdown(0)
  })

  it('loses a draft that no record may hold, and only that one', () => {
    const { log, health } = openTestLog({ directory: temporaryFolder() })
    log.append({ type: 'oauth.request', time: 'yesterday' })
    log.append(requestDraft(0))
    expect(kinds(health)).toEqual(['record-lost'])
    expect(log.state()).toMatchObject({ lost: 1, size: 3 })
  })

  it('is not stopped by a listener that throws', () => {
    const onHealth = vi.fn(() => {
      throw new Error('listener')
    })
    const { log } = openTestLog({ directory: temporaryFolder() }, { onHealth })
    log.append({ type: 'oauth.request', time: 'yesterday' })
    expect(onHealth).toHaveBeenCalledOnce()
  })

  it('cannot be opened where no journal can be made, and says what to do', () => {
    const directory = temporaryFolder()
    writeFileSync(join(directory, 'journal'), 'a file in the way')
    expect(() => openTestLog({ directory })).toThrow(
      expect.objectContaining({
        code: 'ERR_EXPORTER_DIRECTORY_UNUSABLE',
        message: expect.stringContaining('TOKENTRAIL_DIR'),
      }),
    )
  })

  it('says which name is too long for a folder', () => {
    const open = () => openTestLog({ directory: temporaryFolder(), slot: 's'.repeat(300) })
    expect(open).toThrow(/\(ENAMETOOLONG\).*TOKENTRAIL_SLOT/)
  })
})

describe('what was delivered', () => {
  it('is valid to the verifier, with the dead log that was adopted', async () => {
    const directory = temporaryFolder()
    const collector = await startCollector()
    const victim = startWriter(directory, collector.url, '50', 'run', '500')
    await victim.until(500)
    victim.child.kill('SIGKILL')
    await victim.ended()
    const { log } = openTestLog({ directory, endpoint: collector.url })
    for (let number = 0; number < 500; number++) {
      const draft = requestDraft(number, number % 3 === 0 ? ['hipaa'] : undefined)
      log.append({ ...draft, time: `${Date.now()}000000` })
    }
    await collector.until(() => collector.accepted.some(({ text }) => text.includes('"/499"')))
    expect(await log.shutdown(10_000)).toBe(true)
    const settings = resolveExporterOptions({ directory, slot: 'slot-0' }, {})
    const roots = [{ ...loadOrCreateKeys(settings).signing.publicJwk }]
    const records = collector.accepted.map(({ text }) => ({ body: text }))
    const report = await verifyLogs(records, { roots })
    expect(report).toMatchObject({ verdict: 'VALID_SEALED', exitCode: 0, findings: [] })
    expect(report.logs).toHaveLength(2)
    await collector.close()
  })
})

describe('delivery', () => {
  it('keeps everything through an outage, and brings it in order afterwards', async () => {
    const directory = temporaryFolder()
    const down = await startCollector()
    const { url } = down
    await down.close()
    const { log, health } = openTestLog({ directory, endpoint: url })
    for (let number = 0; number < 300; number++) log.append(requestDraft(number))
    await vi.waitFor(() => expect(kinds(health)).toContain('delivery-blocked'), 10_000)
    expect(log.state()).toMatchObject({ delivered: false, blocked: 'ECONNREFUSED' })
    const collector = await startCollector(ACCEPT, Number(new URL(url).port))
    expect(await log.flush(10_000)).toBe(true)
    expect(leavesOf(collector.accepted, log.origin)).toHaveLength(log.state().size)
    await vi.waitFor(() => expect(kinds(health)).toContain('delivery-restored'), 10_000)
    expect(log.state().blocked).toBeUndefined()
    await log.shutdown()
    await collector.close()
  })

  it('sends the same bytes again after a 503, an answer that is no answer, and a reset', async () => {
    let attempt = 0
    const collector = await startCollector((_, response) => {
      attempt++
      if (attempt === 1) return 503
      if (attempt === 2) return void response.end('<html>')
      if (attempt === 3) return void response.destroy()
      return 200
    })
    const { log } = openTestLog({ directory: temporaryFolder(), endpoint: collector.url })
    log.append(requestDraft(0))
    expect(await log.shutdown(10_000)).toBe(true)
    expect(attempt).toBeGreaterThan(3)
    const byUid = Map.groupBy(collector.seen, ({ uid }) => uid)
    for (const copies of byUid.values())
      expect(new Set(copies.map(({ json }) => json)).size).toBe(1)
    expect(byUid.get(`${log.origin}.1`)?.length).toBeGreaterThanOrEqual(4)
    await collector.close()
  })

  it('is waited for no longer than told where the receiver does not accept', async () => {
    const { log, health } = openTestLog({ directory: temporaryFolder() })
    log.close()
    // Would outlast the test if the refusal were not seen while this thread is blocked.
    expect(log.waitDelivered(600_000, 1)).toBe(false)
    await vi.waitFor(() => expect(kinds(health)).toContain('delivery-blocked'))
  })

  it('parks a record that is refused for good, and says so in the log', async () => {
    const collector = await startCollector((records) =>
      records.some(({ text }) => text.includes('/v1/orders/7"')) ? 400 : 200,
    )
    const directory = temporaryFolder()
    const { log, health } = openTestLog({
      directory,
      endpoint: `${collector.url}?key=top-secret`,
    })
    for (let number = 0; number < 20; number++) log.append(requestDraft(number))
    await vi.waitFor(() => expect(kinds(health)).toContain('record-rejected'), 10_000)
    expect(await log.shutdown(10_000)).toBe(true)
    const rejected = collector.accepted.find(
      ({ eventName }) => eventName === 'tokentrail.delivery.rejected',
    )
    expect(JSON.parse(rejected?.text ?? '{}')).toMatchObject({
      attributes: {
        'tokentrail.delivery.destination': collector.url,
        'tokentrail.delivery.record_ids': [`${log.origin}.8`],
        'tokentrail.delivery.status_code': 400,
      },
    })
    const parked = readFileSync(join(onlyLog(directory), 'rejected.ndjson'), 'utf8')
    expect(parked.trim().split('\n')).toHaveLength(1)
    expect(parked).toContain(`${log.origin}.8`)
    expect(JSON.stringify(health)).not.toContain('top-secret')
    await collector.close()
  })

  it('goes on in the next process where the last one ended', async () => {
    const directory = temporaryFolder()
    const collector = await startCollector(() => 503)
    const first = openTestLog({ directory, endpoint: collector.url })
    for (let number = 0; number < 50; number++) first.log.append(requestDraft(number))
    expect(await first.log.shutdown(0)).toBe(false)
    collector.react = ACCEPT
    const second = openTestLog({ directory, endpoint: collector.url })
    await collector.until(
      () => leavesOf(collector.accepted, first.log.origin).length === first.log.state().size,
    )
    await second.log.shutdown(10_000)
    // The first log was sealed by itself, so nobody has to speak for it.
    expect(typesOf(collector.accepted)).not.toContain('tokentrail.log.recovered')
    const third = openTestLog({ directory, endpoint: collector.url })
    await third.log.shutdown(10_000)
    expect(leavesOf(collector.accepted, first.log.origin)).toHaveLength(first.log.state().size)
    await collector.close()
  })

  it('reports bytes of the backlog that cannot be read, and brings the rest', async () => {
    const directory = temporaryFolder()
    const collector = await startCollector(() => 503)
    const first = openTestLog({ directory, endpoint: collector.url })
    for (let number = 0; number < 10; number++) first.log.append(requestDraft(number))
    await first.log.shutdown(0)
    const path = join(onlyLog(directory), '0000000000000000.seg')
    const bytes = readFileSync(path)
    bytes[bytes.indexOf('/v1/orders/4')] = 0
    writeFileSync(path, bytes)
    collector.react = ACCEPT
    const second = openTestLog({ directory, endpoint: collector.url })
    await vi.waitFor(() => expect(kinds(second.health)).toContain('journal-damaged'), 10_000)
    await second.log.shutdown(10_000)
    const damage = collector.accepted.filter(
      ({ eventName }) => eventName === 'tokentrail.journal.damage',
    )
    const uuid = first.log.origin.split('/')[2]
    expect(JSON.parse(damage[0]?.text ?? '{}')).toMatchObject({
      segment: `${uuid}/0000000000000000.seg`,
    })
    expect(leavesOf(collector.accepted, first.log.origin)).toHaveLength(first.log.state().size - 1)
    await collector.close()
  })

  it.each([
    ['is gone', undefined],
    ['is empty', ''],
    ['is damaged', '{"resourceLogs":[{"resource":'],
    ['is other JSON', '{}'],
  ])('brings a dead log whose envelope %s, under its service', async (_, envelope) => {
    const directory = temporaryFolder()
    const collector = await startCollector(() => 503)
    const first = openTestLog({ directory, endpoint: collector.url })
    await first.log.shutdown(0)
    const path = join(onlyLog(directory), 'envelope.json')
    if (envelope === undefined) rmSync(path)
    else writeFileSync(path, envelope)
    collector.react = ACCEPT
    const second = openTestLog({ directory, endpoint: collector.url })
    const { size } = first.log.state()
    await collector.until(() => leavesOf(collector.accepted, first.log.origin).length === size)
    await second.log.shutdown(10_000)
    expect(kinds(second.health)).not.toContain('worker-failed')
    await collector.close()
  })

  it('is not kept from its own log by what else stands in the folder of its slot', async () => {
    const directory = temporaryFolder()
    const slot = join(directory, 'journal', 'orders', 'slot-0')
    const [file, folder] = [
      '01a2102c-0000-7000-8000-000000000000',
      '01a2102c-0000-7000-8000-000000000001',
    ]
    mkdirSync(join(slot, folder, '0000000000000000.seg'), { recursive: true })
    mkdirSync(join(slot, 'lost+found'))
    writeFileSync(join(slot, file), '')
    const collector = await startCollector()
    const { log, health } = openTestLog({ directory, endpoint: collector.url })
    expect(health.map(({ message }) => message)).toEqual([
      expect.stringContaining(`${file} could not be read (ENOTDIR)`),
      expect.stringContaining(`${folder} could not be read (EISDIR)`),
    ])
    log.append(requestDraft(1))
    expect(await log.shutdown(10_000)).toBe(true)
    await collector.close()
  })

  it('survives the folder being removed while it runs', async () => {
    const directory = temporaryFolder()
    const collector = await startCollector(() => 503)
    let tick: () => void = () => undefined
    const { log, health } = openTestLog(
      { directory, endpoint: collector.url },
      {
        scheduler: (callback, millis) => {
          if (millis === 1000) tick = callback
          return () => undefined
        },
      },
    )
    log.append(requestDraft(0))
    rmSync(join(directory, 'journal'), { recursive: true })
    log.append(requestDraft(1))
    tick()
    expect(kinds(health)).toContain('journal-replaced')
    log.append(requestDraft(2))
    collector.react = ACCEPT
    expect(await log.shutdown(10_000)).toBe(true)
    expect(leavesOf(collector.accepted, log.origin)).toHaveLength(log.state().size)
    await collector.close()
  })
})

describe('a log that outlives its certificate', () => {
  it('is replaced by another that speaks for its end', async () => {
    const collector = await startCollector()
    const clock = { nanos: 1_795_470_000_000_000_000n, unixNanos: () => clock.nanos }
    const ticks: (() => void)[] = []
    const { log } = openTestLog(
      { directory: temporaryFolder(), endpoint: collector.url },
      {
        clock,
        scheduler: (callback) => {
          ticks.push(callback)
          return () => undefined
        },
      },
    )
    const { origin } = log
    log.append(requestDraft(0))
    clock.nanos += 22n * 3_600_000_000_000n
    for (const tick of ticks.splice(0)) tick()
    expect(log.origin).toBe(origin)
    clock.nanos += 3_600_000_000_000n
    for (const tick of ticks.splice(0)) tick()
    expect(log.origin).not.toBe(origin)
    log.append(requestDraft(1))
    expect(await log.shutdown(10_000)).toBe(true)
    const old = leavesOf(collector.accepted, origin)
    const tree = createMerkleTree()
    for (const text of old) tree.append(hashLeaf(text))
    const next = leavesOf(collector.accepted, log.origin).map((text) => JSON.parse(text) as object)
    expect(next[1]).toMatchObject({
      type: 'tokentrail.log.recovered',
      prevLog: origin,
      prevSize: old.length,
      prevRoot: formatBase64(tree.root()),
      lastSignedSize: old.length - 1,
    })
    await collector.close()
  })
})

describe('delivered logs', () => {
  it('are removed when they are old, unless something in them was never delivered', async () => {
    const directory = temporaryFolder()
    const collector = await startCollector()
    const first = openTestLog({ directory, endpoint: collector.url })
    await first.log.shutdown(10_000)
    const old = onlyLog(directory)
    const keys = loadOrCreateKeys(resolveExporterOptions({ directory, slot: 'slot-0' }, {}))
    expect(keys.created).toEqual([])
    const kept = openTestLog({ directory, endpoint: collector.url })
    await kept.log.shutdown(10_000)
    expect(readdirSync(join(directory, 'journal', 'orders', 'slot-0'))).toHaveLength(2)
    mkdirSync(join(old, 'note'))
    const removing = openTestLog({ directory, endpoint: collector.url, retainBytes: 0 })
    await removing.log.shutdown(10_000)
    expect(readdirSync(join(directory, 'journal', 'orders', 'slot-0'))).toHaveLength(2)
    expect(readdirSync(old).filter((name) => name.endsWith('.seg'))).toEqual([])
    await collector.close()
  })
})
