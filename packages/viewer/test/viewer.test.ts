import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createHmac,
  loadOrCreateKeys,
  openLog,
  readExport,
  resolveExporterOptions,
  type RecordLog,
} from '@tokentrail/exporter'
import { verifyLogs } from '@tokentrail/ledger'
import { createPseudonymizer, type Pseudonymizer, type RecordDraft } from '@tokentrail/session'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type {
  LogsResponse,
  LogState,
  RecordResponse,
  RecordsResponse,
  SessionsResponse,
} from '../src/api-types.ts'
import { loadExport } from '../src/load-export.ts'
import type { RootKey } from '../src/logs/root-key.ts'
import { openStore } from '../src/store/store.ts'
import { startViewer, type Viewer } from '../src/viewer.ts'
import type { ViewerOptions } from '../src/viewer-options.ts'
import { pseudonym } from './texts.ts'

const WAIT_MILLIS = 10_000

let directory = ''
let open: { close(): Promise<unknown> }[] = []

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tokentrail-viewer-'))
  open = []
})

afterEach(async () => {
  for (const resource of open.toReversed()) await resource.close()
  rmSync(directory, { recursive: true, force: true })
})

async function start(options: ViewerOptions = {}): Promise<Viewer> {
  const viewer = await startViewer({
    directory: join(directory, 'viewer'),
    keysDirectory: join(directory, 'keys'),
    port: 0,
    onFault: () => undefined,
    ...options,
  })
  open.push(viewer)
  return viewer
}

function openService(
  viewer: Viewer,
  name = 'orders',
): { log: RecordLog; pseudonyms: Pseudonymizer } {
  const settings = resolveExporterOptions(
    {
      directory: join(directory, name),
      slot: 'slot-0',
      resource: { 'service.name': name },
      endpoint: viewer.otlpUrl,
      signingKeyFile: join(directory, 'keys', 'signing.jwk.json'),
      pseudonymKeyFile: join(directory, 'keys', 'pseudonym.jwk.json'),
      batchDelayMillis: 0,
    },
    {},
  )
  const keys = loadOrCreateKeys(settings)
  const log = openLog({ settings, keys, recorderVersion: '0.1.0' })
  open.push({ close: () => log.shutdown(0) })
  const { secret, id, epoch } = keys.pseudonym
  const pseudonyms = createPseudonymizer({ hmac: createHmac(secret), keyId: id, epoch })
  return { log, pseudonyms }
}

function request(session: string, attributes: RecordDraft['attributes'] = {}): RecordDraft {
  return {
    type: 'oauth.request',
    time: String(BigInt(Date.now()) * 1_000_000n),
    session,
    attributes: {
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'oauth.decision': 'allow',
      'oauth.token.fingerprint': pseudonym('token'),
      ...attributes,
    },
  }
}

async function get<T>(viewer: Viewer, path: string): Promise<T> {
  const response = await fetch(`${viewer.url}${path}`)
  expect(response.status).toBe(200)
  return (await response.json()) as T
}

/** Asks again until the answer is as wanted, in bounded time. */
async function until<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean): Promise<T> {
  const deadline = Date.now() + WAIT_MILLIS
  for (;;) {
    const answer = await ask()
    if (wanted(answer)) return answer
    if (Date.now() > deadline) throw new Error(`not reached: ${JSON.stringify(answer)}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

function stateOf(viewer: Viewer, service: string, state: LogState['state']): Promise<LogState> {
  const ask = async (): Promise<LogState | undefined> =>
    (await get<LogsResponse>(viewer, '/api/logs')).logs.find((log) => log.service === service)
  return until(ask, (log) => log?.state === state) as Promise<LogState>
}

describe('a viewer', () => {
  it('proves a record that a real log delivered, and sees the log sealed', async () => {
    const viewer = await start()
    const { log, pseudonyms } = openService(viewer)
    const hash = pseudonyms.pseudonymOf('sub', 'https://as', 'alice')
    const identity = { kind: 'sub', issuer: 'https://as', pseudonym: hash, value: 'alice' } as const
    for (let at = 0; at < 20; at += 1) {
      log.append(request(pseudonym('s'), { 'user.hash': hash }), at === 0 ? [identity] : [])
    }
    log.close()
    expect(await log.flush(WAIT_MILLIS)).toBe(true)

    const state = await stateOf(viewer, 'orders', 'sealed')
    expect(state).toMatchObject({ findings: [], selfIssued: true, unsealedSeconds: 0 })

    const found = await get<RecordsResponse>(viewer, '/api/records?user=alice&event=oauth.request')
    expect(found.count).toBe(20)
    expect(found.records[0]?.user).toEqual({ hash, name: 'alice' })
    expect(viewer.received()).toMatchObject({ duplicates: 0, foreign: 0, unreadable: 0 })
    expect(viewer.received().stored).toBeGreaterThan(20)
    const [{ uid } = { uid: '' }] = found.records
    const { proof } = await get<RecordResponse>(viewer, `/api/records/${encodeURIComponent(uid)}`)
    expect(proof).toMatchObject({
      state: 'proven',
      certificate: { selfIssued: true },
      findings: [],
    })
    expect(proof.path.length).toBeGreaterThan(0)
    expect(proof.explanation.join(' ')).toContain('self-issued')
  })

  it('derives the start and end of a session, signs them, and shows them', async () => {
    const viewer = await start({ sessionIdleMillis: 1 })
    const { log } = openService(viewer)
    log.append(request(pseudonym('s')))
    await log.flush(WAIT_MILLIS)
    const { sessions } = await until(
      () => get<SessionsResponse>(viewer, '/api/sessions?active=false'),
      (answer) => answer.sessions.length > 0,
    )
    expect(sessions).toMatchObject([
      {
        id: pseudonym('s'),
        requests: 1,
        services: ['orders'],
        start: { reason: 'first_seen', derived: true },
        end: { reason: 'idle', derived: true },
      },
    ])
    expect(await viewer.seal()).toBe(true)
    expect(await stateOf(viewer, 'tokentrail-viewer', 'sealed')).toMatchObject({ findings: [] })
  })

  it('derives nothing twice after a restart', async () => {
    const first = await start()
    const { log } = openService(first)
    const draft = request(pseudonym('s'), { 'oauth.session.derivation': 'sid' })
    log.append({ ...draft, type: 'oauth.token.observed' })
    log.append(draft)
    await log.shutdown(WAIT_MILLIS)
    const starts = '/api/records?event=oauth.session.start'
    const count = (answer: RecordsResponse): boolean => answer.count === 1
    await until(() => get<RecordsResponse>(first, starts), count)
    await first.close()

    const second = await start()
    const again = openService(second, 'billing')
    again.log.append(request(pseudonym('s')))
    again.log.append(request(pseudonym('other'), { 'oauth.session.derivation': 'sid' }))
    await again.log.flush(WAIT_MILLIS)
    const other = `${starts}&session=${pseudonym('other')}`
    await until(() => get<RecordsResponse>(second, other), count)
    const own = await get<RecordsResponse>(second, `${starts}&session=${pseudonym('s')}`)
    expect(own.count).toBe(1)
  })

  it('names the record whose text was changed on the way', async () => {
    const viewer = await start()
    const relay: string[] = []
    const { log } = openService(viewer)
    log.append(request(pseudonym('s'), { 'http.route': '/orders' }))
    log.close()
    await log.flush(WAIT_MILLIS)
    const sealed = await stateOf(viewer, 'orders', 'sealed')
    const { tables } = viewer.store
    const stored = tables.logs.find(sealed.origin)
    relay.push(...tables.records.textsFrom(stored?.id ?? 0, 0, 100))

    const attacked = await start({ directory: join(directory, 'attacked') })
    const texts = relay.map((text) => text.replace('/orders', '/ordinary'))
    attacked.store.append(texts.map((text) => ({ text })))
    const broken = await stateOf(attacked, 'orders', 'broken')
    expect(broken.findings).toContainEqual(
      expect.objectContaining({ verdict: 'ALTERED', index: 1 }),
    )
    const uid = encodeURIComponent(`${sealed.origin}.1`)
    const { proof } = await get<RecordResponse>(attacked, `/api/records/${uid}`)
    expect(proof.state).toBe('broken')
  })

  it('writes what it received where no collector does, identities apart', async () => {
    const exportDirectory = join(directory, 'export')
    const viewer = await start({ exportDirectory })
    const { log, pseudonyms } = openService(viewer)
    const hash = pseudonyms.pseudonymOf('address', '', '192.0.2.1')
    const identity = { kind: 'address', issuer: '', pseudonym: hash, value: '192.0.2.1' } as const
    log.append(request(pseudonym('s'), { 'client.address': hash }), [identity])
    await log.shutdown(WAIT_MILLIS)
    await viewer.close()
    expect(readFileSync(join(exportDirectory, 'records.jsonl'), 'utf8')).not.toContain('192.0.2.1')
    expect(readFileSync(join(exportDirectory, 'identities.jsonl'), 'utf8')).toContain('192.0.2.1')
    const store = openStore(':memory:')
    const loaded = await loadExport(store, [exportDirectory])
    expect(loaded).toMatchObject({ identities: 1, unreadable: 0, duplicates: 0, foreign: 0 })
    expect(loaded.stored).toBeGreaterThanOrEqual(5)
    store.close()
    const root = JSON.parse(
      readFileSync(join(directory, 'keys', 'root.jwk.json'), 'utf8'),
    ) as RootKey
    const report = await verifyLogs(readExport([exportDirectory]), { roots: [root] })
    expect(report).toMatchObject({ verdict: 'VALID_SEALED', findings: [] })
    expect(report.logs.map(({ log }) => log.split('/')[0])).toEqual(['orders', 'tokentrail-viewer'])
  })
})

describe('startViewer', () => {
  it('says which port is in use, or takes another one', async () => {
    const { url } = await start()
    const port = Number(new URL(url).port)
    const other = { directory: join(directory, 'other'), port }
    await expect(start(other)).rejects.toMatchObject({
      code: 'ERR_VIEWER_ADDRESS_UNAVAILABLE',
      message: expect.stringContaining(String(port)),
    })
    const second = await start({ ...other, portFallback: true })
    expect(second.url).not.toBe(url)
  })

  it.each([
    [{ port: 70_000 }, '"port"'],
    [{ sessionIdleMillis: 0 }, '"sessionIdleMillis"'],
    [{ endpoint: 'localhost:4318' }, '"endpoint"'],
    [{ colour: 'red' } as ViewerOptions, '"colour"'],
  ])('refuses %j and names the option', async (options, name) => {
    await expect(start(options)).rejects.toThrow(TypeError)
    await expect(start(options)).rejects.toThrow(name)
  })

  it('lets one viewer own a store', async () => {
    await start()
    await expect(start()).rejects.toMatchObject({ code: 'ERR_VIEWER_STORE_BUSY' })
  })
})
