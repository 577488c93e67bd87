import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import {
  loadOrCreateKeys,
  openLog,
  resolveExporterOptions,
  type RecordLog,
} from '@tokentrail/exporter'
import { verifyLogs } from '@tokentrail/ledger'
import { temporaryFolder } from '../support/folder.ts'
import { runMain } from '../support/run.ts'

interface Arrived {
  readonly uid: string
  readonly json: string
  readonly body: string
  readonly type: string
}

interface Sink {
  readonly endpoint: string
  readonly arrived: Arrived[]
  status: number
  /** Which records are answered with 400. */
  isBad: (record: Arrived) => boolean
}

async function startSink(): Promise<Sink> {
  const sink: Sink = { endpoint: '', arrived: [], status: 200, isBad: () => false }
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const records = parse(gunzipSync(Buffer.concat(parts)))
      response.statusCode = records.some((record) => sink.isBad(record)) ? 400 : sink.status
      if (response.statusCode === 200) sink.arrived.push(...records)
      response.end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return Object.assign(sink, { endpoint: `http://127.0.0.1:${port}/v1/logs` })
}

interface Wire {
  readonly resourceLogs: readonly {
    readonly scopeLogs: readonly { readonly logRecords: readonly WireRecord[] }[]
  }[]
}

interface WireRecord {
  readonly eventName: string
  readonly body: { readonly stringValue: string }
  readonly attributes: readonly { readonly key: string; readonly value: { stringValue: string } }[]
}

function parse(bytes: Buffer): Arrived[] {
  const { resourceLogs } = JSON.parse(bytes.toString('utf8')) as Wire
  const records = resourceLogs.flatMap(({ scopeLogs }) => scopeLogs.flatMap((s) => s.logRecords))
  return records.map((record) => ({
    uid: record.attributes.find(({ key }) => key === 'log.record.uid')?.value.stringValue ?? '',
    json: JSON.stringify(record),
    body: record.body.stringValue,
    type: record.eventName,
  }))
}

function open(directory: string, service: string, slot: string, endpoint: string): RecordLog {
  const settings = resolveExporterOptions(
    { directory, slot, endpoint, resource: { 'service.name': service }, batchDelayMillis: 1 },
    {},
  )
  return openLog({ settings, keys: loadOrCreateKeys(settings), recorderVersion: '0.1.0' })
}

const NOWHERE = 'http://127.0.0.1:9/v1/logs'
/** A minute ahead, so that every record is behind its log's first. */
const START_SECONDS = Math.floor(Date.now() / 1000) + 60
const nanos = (seconds: number) => `${START_SECONDS + seconds}000000000`

function append(log: RecordLog, from: number, count: number): void {
  for (let number = from; number < from + count; number++) {
    log.append(
      {
        type: 'oauth.request',
        time: nanos(number),
        attributes: { 'http.route': `/${number}`, 'oauth.decision': 'allow' },
      },
      [
        {
          kind: 'sub',
          issuer: 'https://as',
          pseudonym: `pseudonym-${number}`,
          value: `u${number}`,
        },
      ],
    )
  }
}

/** A copy of the folder of a process that was killed, as far as its disk shows. */
async function leave(service: string, slot: string, records: number, endpoint = NOWHERE) {
  const directory = temporaryFolder()
  const log = open(directory, service, slot, endpoint)
  append(log, 0, records)
  if (endpoint !== NOWHERE) await log.flush(10_000)
  const copy = temporaryFolder()
  cpSync(directory, copy, { recursive: true })
  onTestFinished(async () => void (await log.shutdown(0)))
  return { directory: copy, origin: log.origin }
}

const requests = (arrived: readonly Arrived[]) => arrived.filter((r) => r.type === 'oauth.request')

describe('tokentrail drain', () => {
  it('takes over what dead logs of any service and slot left, and seals', async () => {
    const sink = await startSink()
    const { directory, origin } = await leave('orders', 'slot-0', 30)
    const other = open(directory, 'a b/c', '..', NOWHERE)
    append(other, 100, 5)
    await other.shutdown(0)
    const ran = await runMain(['drain', directory, '--endpoint', sink.endpoint])
    expect(ran).toMatchObject({ code: 0, err: [] })
    expect(ran.out).toMatch(/^orders +slot-0 +1 +\d+ +delivered$/m)
    expect(ran.out).toMatch(/^a b\/c +\.\. +1 +\d+ +delivered$/m)
    expect(requests(sink.arrived)).toHaveLength(35)
    const recovered = sink.arrived.find(({ type }) => type === 'tokentrail.log.recovered')
    expect(JSON.parse(recovered?.body ?? '{}')).toMatchObject({ prevLog: origin })
    const key = readFileSync(join(directory, 'keys', 'root.jwk.json'), 'utf8')
    const report = await verifyLogs(
      sink.arrived.map(({ body }) => ({ body })),
      { roots: [JSON.parse(key) as object] },
    )
    expect(report).toMatchObject({ findings: [], logs: { length: 4 } })
  })

  it('has nothing to do twice', async () => {
    const sink = await startSink()
    const { directory } = await leave('orders', 'slot-0', 3)
    await runMain(['drain', directory, '--endpoint', sink.endpoint])
    const { length } = sink.arrived
    const again = await runMain(['drain', directory, '--endpoint', sink.endpoint])
    expect(again).toEqual({
      code: 0,
      out: `Nothing is left to deliver in ${directory}.\n`,
      err: [],
    })
    expect(sink.arrived).toHaveLength(length)
  })

  it('leaves the logs of living processes to them', async () => {
    const sink = await startSink()
    const directory = temporaryFolder()
    const log = open(directory, 'orders', 'slot-0', NOWHERE)
    append(log, 0, 3)
    const ran = await runMain(['drain', directory, '--endpoint', sink.endpoint])
    expect(ran).toMatchObject({ code: 0 })
    expect(ran.out).toContain('1 log of living processes left to them')
    expect(sink.arrived).toEqual([])
    await log.shutdown(0)
  })

  it('says what is left when the receiver does not accept it, and leaves it', async () => {
    const sink = await startSink()
    sink.status = 503
    const { directory } = await leave('orders', 'slot-0', 30)
    // Long enough for one attempt on a busy machine; all of it is waited for.
    const args = ['drain', directory, '--endpoint', sink.endpoint, '--patience', '5']
    const ran = await runMain(args)
    expect(ran.code).toBe(1)
    const [, bytes] = /NOT DELIVERED: (\d+) bytes are still there \(503\)/.exec(ran.out) ?? []
    // The dead log's, not only those of the log that speaks for it.
    expect(Number(bytes)).toBeGreaterThan(20_000)
    sink.status = 200
    expect(await runMain(args)).toMatchObject({ code: 0 })
    expect(requests(sink.arrived)).toHaveLength(30)
  })

  it('parks what is refused for good, and says so in the log that it seals', async () => {
    const sink = await startSink()
    const { directory, origin } = await leave('orders', 'slot-0', 10)
    sink.isBad = ({ body }) => body.includes('"/7"')
    const ran = await runMain(['drain', directory, '--endpoint', sink.endpoint])
    expect(ran.code).toBe(1)
    expect(ran.out).toContain(`refused ${origin}.8 (400); it is parked.`)
    expect(requests(sink.arrived)).toHaveLength(9)
    const said = sink.arrived.find(({ type }) => type === 'tokentrail.delivery.rejected')
    expect(said?.body).toContain(`${origin}.8`)
    expect(sink.arrived.at(-1)?.type).toBe('tokentrail.log.checkpoint')
  })

  it('makes no keys: what it signs must be signed as the services sign', async () => {
    const { directory } = await leave('orders', 'slot-0', 3)
    const env = { TOKENTRAIL_SIGNING_KEY_FILE: join(directory, 'none.jwk.json') }
    const ran = await runMain(['drain', directory, '--endpoint', NOWHERE], { env })
    expect(ran).toMatchObject({ code: 1, out: '' })
    expect(ran.err[0]).toContain('there is no key')
    expect(readdirSync(directory)).not.toContain('none.jwk.json')
  })

  it('reports as JSON', async () => {
    const sink = await startSink()
    const { directory } = await leave('orders', 'slot-0', 3)
    const { out } = await runMain(['drain', directory, '--endpoint', sink.endpoint, '--json'])
    expect(JSON.parse(out)).toMatchObject({
      alive: 0,
      places: [{ service: 'orders', slot: 'slot-0', logs: 1, isDelivered: true, problems: [] }],
    })
  })
})

describe('tokentrail drain --from', () => {
  let from = ''
  beforeAll(() => {
    from = new Date(Number(BigInt(nanos(10)) / 1_000_000n)).toISOString()
  })

  async function delivered(records = 30) {
    const sink = await startSink()
    const left = await leave('orders', 'slot-0', records, sink.endpoint)
    const first = sink.arrived.splice(0)
    const replay = (...args: readonly string[]) =>
      runMain(['drain', left.directory, '--endpoint', sink.endpoint, '--from', from, ...args])
    return { ...left, sink, first, replay }
  }

  it('sends again what was recorded since then, the same bytes under the same ids', async () => {
    const { sink, first, replay, origin } = await delivered()
    const ran = await replay()
    expect(ran).toMatchObject({ code: 0, err: [] })
    expect(ran.out).toMatch(/^\d+ records sent again\.$/m)
    const again = sink.arrived.filter(({ uid }) => uid.startsWith(origin))
    expect(requests(again)).toHaveLength(20)
    const before = new Map(first.map(({ uid, json }) => [uid, json]))
    for (const { uid, json } of again) expect(json).toBe(before.get(uid) ?? json)
    // Without its certificate nothing of a log verifies.
    expect(again[0]?.type).toBe('tokentrail.log.open')
  })

  it('sends what was not delivered once, afterwards', async () => {
    const { sink, replay, directory, origin } = await delivered()
    const log = open(directory, 'orders', 'slot-1', NOWHERE)
    append(log, 50, 4)
    await log.shutdown(0)
    await replay()
    const uids = sink.arrived.map(({ uid }) => uid).filter((uid) => uid.startsWith(log.origin))
    expect(new Set(uids).size).toBe(uids.length)
    // Requests alone: the first log still lives here, and may send a checkpoint at any time.
    const sent = requests(sink.arrived)
    expect(sent.findLastIndex(({ uid }) => uid.startsWith(`${origin}.`))).toBeLessThan(
      sent.findIndex(({ uid }) => uid.startsWith(log.origin)),
    )
  })

  it('leaves out identities that were erased, by the journal or by an export', async () => {
    const { sink, replay, directory } = await delivered()
    const log = open(directory, 'tokentrail-erase', 'cli', NOWHERE)
    log.append({
      type: 'tokentrail.subject.erased',
      time: nanos(40),
      members: { date: '2026-11-25', kinds: ['sub'], pseudonyms: ['pseudonym-12'] },
    })
    await log.shutdown(0)
    const body = JSON.stringify({
      type: 'tokentrail.subject.erased',
      pseudonyms: ['pseudonym-13'],
    })
    const record = { eventName: 'tokentrail.subject.erased', body: { stringValue: body } }
    const scopeLogs = [{ logRecords: [record] }]
    const file = join(directory, 'erasures.jsonl')
    writeFileSync(file, `${JSON.stringify({ resourceLogs: [{ scopeLogs }] })}\n`)
    const ran = await replay('--erased', file)
    expect(ran.out).toContain('2 erased identity records left out')
    const names = sink.arrived.map(({ uid }) => uid.split('.').at(-1))
    expect(names).toContain('pseudonym-11')
    expect(names).not.toContain('pseudonym-12')
    expect(names).not.toContain('pseudonym-13')
  })

  it('gives up on a receiver that accepts nothing, and says so', async () => {
    const { sink, replay } = await delivered(3)
    sink.status = 503
    const ran = await replay('--patience', '1')
    expect(ran.code).toBe(1)
    expect(ran.out).toContain('GIVEN UP: The receiver accepts nothing (503).')
  })
})

describe('tokentrail drain refuses', () => {
  it.each([
    [['a', 'b'], 'unexpected argument "b"'],
    [[''], 'a path is empty; name a file or folder'],
    [['--from', 'now'], '--from must be a time such as 2026-11-24T10:00:00Z, not "now"'],
    [['--patience', '0'], '--patience must be seconds from 1 to 86400, not "0"'],
    [['--endpoint', 'ftp://x'], '--endpoint must be an http:// or https:// URL'],
  ])('%j as wrong usage', async (args, message) => {
    expect(await runMain(['drain', ...args])).toEqual({
      code: 2,
      out: '',
      err: [`tokentrail drain: ${message}`, 'Try "tokentrail drain --help".'],
    })
  })

  it('a folder without a journal', async () => {
    const directory = temporaryFolder()
    mkdirSync(join(directory, 'keys'))
    expect(await runMain(['drain', directory])).toMatchObject({
      code: 1,
      err: [
        `tokentrail drain: there is no journal in ${directory}; name the TOKENTRAIL_DIR of a service`,
      ],
    })
  })
})
