import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findCollector } from '../../packages/cli/src/collector/find-collector.ts'
import {
  startCollector,
  type RunCollectorOptions,
  type RunningCollector,
} from '../../packages/cli/src/collector/run-collector.ts'

const root = resolve(import.meta.dirname, '../..')
const configPath = join(root, 'otel-collector-config.yaml')

// Top level, because whether the suite can run has to be known when it is collected.
const found = await findCollector({ root, report: (line) => console.log(line) })
if (found.status === 'missing') console.log(`skipped: test/e2e/collector.test.ts: ${found.reason}`)

/** Stands where the viewer stands and notes the uid of every record that reaches it. */
interface Backend {
  readonly url: string
  readonly uids: string[]
  /** Content types that were seen. */
  readonly types: Set<string>
  /** Resolves when every one of `uids` has arrived. */
  readonly receive: (uids: readonly string[]) => Promise<void>
  readonly close: () => Promise<void>
}

const WAIT_MILLIS = 60_000

async function openBackend(port = 0): Promise<Backend> {
  const uids: string[] = []
  const types = new Set<string>()
  const waiting = new Set<() => void>()
  const server: Server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      uids.push(...readUids(body))
      types.add(`${request.url} ${request.headers['content-type']}`)
      response.setHeader('content-type', 'application/json').end('{}')
      for (const check of waiting) check()
    })
  })
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done))
  const receive = (wanted: readonly string[]): Promise<void> =>
    new Promise((done, fail) => {
      const check = (): void => {
        const got = new Set(uids)
        const lacking = wanted.filter((uid) => !got.has(uid))
        if (lacking.length > 0) return
        clearTimeout(timer)
        waiting.delete(check)
        done()
      }
      const timer = setTimeout(() => {
        const got = new Set(uids)
        const lacking = wanted.filter((uid) => !got.has(uid))
        fail(new Error(`${lacking.length} records did not arrive, first ${lacking[0]}`))
      }, WAIT_MILLIS)
      waiting.add(check)
      check()
    })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    uids,
    types,
    receive,
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}

interface LogRecord {
  readonly eventName?: string
  readonly body: { readonly stringValue: string }
  readonly attributes: readonly { readonly key: string; readonly value: unknown }[]
}

const text = (key: string, value: string): LogRecord['attributes'][number] => ({
  key,
  value: { stringValue: value },
})

const list = (key: string, values: readonly string[]): LogRecord['attributes'][number] => ({
  key,
  value: { arrayValue: { values: values.map((value) => ({ stringValue: value })) } },
})

const record = (
  eventName: string,
  uid: string,
  ...attributes: LogRecord['attributes'][number][]
): LogRecord => ({
  eventName,
  body: { stringValue: `{"uid":"${uid}","quote":"\\"\\\\ é \\u2028"}` },
  attributes: [text('log.record.uid', uid), ...attributes],
})

const wrap = (logRecords: readonly LogRecord[]): unknown => ({
  resourceLogs: [
    {
      resource: { attributes: [text('service.name', 'orders-api')] },
      scopeLogs: [{ scope: { name: '@tokentrail/instrumentation' }, logRecords }],
    },
  ],
})

async function post(otlpUrl: string, path: string, payload: unknown): Promise<number> {
  const response = await fetch(`${otlpUrl}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(payload),
  })
  await response.arrayBuffer()
  return response.status
}

interface LogsData {
  readonly resourceLogs: readonly {
    readonly scopeLogs: readonly { readonly logRecords: readonly LogRecord[] }[]
  }[]
}

const readRecords = (json: string): readonly LogRecord[] =>
  (JSON.parse(json) as LogsData).resourceLogs.flatMap((resource) =>
    resource.scopeLogs.flatMap((scope) => scope.logRecords),
  )

const uidOf = ({ body }: LogRecord): string => (JSON.parse(body.stringValue) as { uid: string }).uid

const readUids = (json: string): string[] => readRecords(json).map(uidOf)

let folder: string
let backend: Backend
let started: RunningCollector[]

const start = async (overrides: Partial<RunCollectorOptions> = {}): Promise<RunningCollector> => {
  if (found.status === 'missing') throw new Error(found.reason)
  const collector = await startCollector({
    path: found.path,
    configPaths: [configPath],
    otlpEndpoint: '127.0.0.1:0',
    viewerEndpoint: backend.url,
    exportFolder: join(folder, 'export'),
    queueFolder: join(folder, 'queue'),
    ...overrides,
  })
  started.push(collector)
  return collector
}

const readExport = async (name: string): Promise<readonly string[]> =>
  (await readFile(join(folder, 'export', name), 'utf8')).split('\n').filter((line) => line !== '')

const exportedUids = async (name: string): Promise<string[]> =>
  (await readExport(name)).flatMap(readUids)

describe.skipIf(found.status === 'missing')('the base configuration in a real collector', () => {
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tokentrail-e2e-collector-'))
    backend = await openBackend()
    started = []
  })
  afterEach(async () => {
    for (const collector of started) collector.kill()
    await Promise.all(started.map(({ exited }) => exited))
    await backend.close()
    await rm(folder, { recursive: true, force: true })
  })

  describe('routing', () => {
    const sent = [
      record('oauth.request', 'both', list('compliance.framework', ['hipaa', 'soc2'])),
      record('oauth.request', 'pci', list('compliance.framework', ['pci'])),
      record('oauth.request', 'gdpr', list('compliance.framework', ['gdpr', 'unheard-of'])),
      record('oauth.request', 'none'),
      record('oauth.request', 'string', text('compliance.framework', 'hipaa')),
      record('oauth.request', 'number', {
        key: 'compliance.framework',
        value: { arrayValue: { values: [{ intValue: '7' }] } },
      }),
      record('oauth.request', 'map', {
        key: 'compliance.framework',
        value: { kvlistValue: { values: [text('hipaa', 'hipaa')] } },
      }),
      record('tokentrail.identity', 'identity', list('compliance.framework', ['hipaa'])),
      record('tokentrail.log.checkpoint', 'checkpoint'),
      record('tokentrail.recorder.gap', 'gap'),
      record('tokentrail.journal.damage', 'damage'),
      record('tokentrail.delivery.rejected', 'rejected'),
      record('tokentrail.policy.changed', 'policy'),
      record('tokentrail.alert.raised', 'alert', list('compliance.framework', ['pci'])),
      record('', 'application', list('compliance.framework', ['hipaa'])),
    ]
    const recorder = ['checkpoint', 'gap', 'damage', 'rejected', 'policy']
    const evidence = sent.map(uidOf).filter((uid) => uid !== 'identity' && uid !== 'application')

    const send = async (): Promise<void> => {
      const { otlpUrl } = await start()
      expect(await post(otlpUrl, '/v1/logs', wrap(sent))).toBe(200)
    }

    it.each([
      ['records.jsonl', evidence],
      ['hipaa.jsonl', ['both', ...recorder]],
      ['soc2.jsonl', ['both', ...recorder]],
      ['pci.jsonl', ['pci', ...recorder, 'alert']],
      ['gdpr.jsonl', ['gdpr', ...recorder]],
      ['identities.jsonl', ['identity']],
      ['application.jsonl', ['application']],
    ])(
      'writes to %s what belongs there, in order, before the sender is answered',
      async (name, uids) => {
        await send()
        expect(await exportedUids(name)).toEqual(uids)
      },
    )

    it('hands evidence and identities to the viewer as OTLP/JSON, and no application logs', async () => {
      await send()
      await backend.receive([...evidence, 'identity'])
      expect(backend.uids).not.toContain('application')
      expect(backend.uids.filter((uid) => uid !== 'identity')).toEqual(evidence)
      expect([...backend.types]).toEqual(['/v1/logs application/json'])
    })

    it('leaves every byte of the hashed text as it was', async () => {
      await send()
      const bodies = (await readExport('records.jsonl'))
        .flatMap(readRecords)
        .map(({ body }) => body)
      const wanted = sent.filter((each) => evidence.includes(uidOf(each))).map(({ body }) => body)
      expect(bodies).toEqual(wanted)
    })
  })

  it('writes traces beside the evidence', async () => {
    const { otlpUrl } = await start()
    const span = {
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      spanId: '00f067aa0ba902b7',
      name: 'GET /orders',
      startTimeUnixNano: '1795470000123456789',
      endTimeUnixNano: '1795470000133456789',
    }
    const traces = { resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }
    expect(await post(otlpUrl, '/v1/traces', traces)).toBe(200)
    const [line] = await readExport('traces.jsonl')
    expect(line).toContain('"traceId":"4bf92f3577b34da6a3ce929d0e0e4736"')
    expect(await readdir(join(folder, 'export'))).toEqual(['traces.jsonl'])
  })

  it('loses nothing that it answered, killed again and again with the viewer down', async () => {
    const port = Number(new URL(backend.url).port)
    await backend.close()
    const answered: string[] = []
    for (let round = 0; round < 3; round += 1) {
      const running = await start({ viewerEndpoint: `http://127.0.0.1:${port}` })
      for (let batch = 0; batch < 20; batch += 1) {
        if (batch === 15) running.kill()
        const uids = Array.from({ length: 10 }, (_, index) => `${round}.${batch}.${index}`)
        const payload = wrap(uids.map((uid) => record('oauth.request', uid)))
        const status = await post(running.otlpUrl, '/v1/logs', payload).catch(() => 0)
        if (status === 200) answered.push(...uids)
      }
      await running.exited
    }
    expect(answered.length).toBeGreaterThanOrEqual(3 * 15 * 10)
    const kept = new Set(await exportedUids('records.jsonl'))
    expect(answered.filter((uid) => !kept.has(uid))).toEqual([])

    backend = await openBackend(port)
    await start({ viewerEndpoint: backend.url })
    await backend.receive(answered)
  })

  it('keeps for the viewer, across a clean stop, what it says it drops', async () => {
    const port = Number(new URL(backend.url).port)
    await backend.close()
    const first = await start({ viewerEndpoint: `http://127.0.0.1:${port}` })
    expect(await post(first.otlpUrl, '/v1/logs', wrap([record('oauth.request', 'kept')]))).toBe(200)
    expect(await first.stop()).toEqual({ exitCode: 0, signal: undefined })

    backend = await openBackend(port)
    await start({ viewerEndpoint: backend.url })
    await backend.receive(['kept'])
  })

  it('continues the files of an earlier run', async () => {
    for (const uid of ['first', 'second']) {
      const { otlpUrl, stop } = await start()
      await post(otlpUrl, '/v1/logs', wrap([record('oauth.request', uid)]))
      await stop()
    }
    expect(await exportedUids('records.jsonl')).toEqual(['first', 'second'])
  })

  it('says which port is taken, and a second collector runs beside the first', async () => {
    const first = await start()
    const otlpEndpoint = new URL(first.otlpUrl).host
    const elsewhere = { exportFolder: join(folder, 'export2'), queueFolder: join(folder, 'queue2') }
    await expect(start({ otlpEndpoint, ...elsewhere })).rejects.toMatchObject({
      code: 'ERR_CLI_COLLECTOR_PORT_IN_USE',
    })
    const second = await start(elsewhere)
    expect(await post(second.otlpUrl, '/v1/logs', wrap([]))).toBe(200)
  })

  it('refuses to share the queue of another collector', async () => {
    const first = await start()
    await post(first.otlpUrl, '/v1/logs', wrap([record('oauth.request', 'any')]))
    await expect(start()).rejects.toMatchObject({ code: 'ERR_CLI_COLLECTOR_QUEUE_IN_USE' })
  })

  it('closes its folders to other users of the host', async () => {
    const { otlpUrl } = await start()
    await post(otlpUrl, '/v1/logs', wrap([record('tokentrail.identity', 'identity')]))
    for (const name of ['export', 'queue']) {
      expect((await stat(join(folder, name))).mode & 0o077).toBe(0)
    }
  })
})
