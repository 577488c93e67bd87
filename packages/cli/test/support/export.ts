import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createHmac, loadOrCreateKeys, openLog, resolveExporterOptions } from '@tokentrail/exporter'
import type { RecordLog, RecorderKeys } from '@tokentrail/exporter'
import {
  createPseudonymizer,
  createRecorder,
  parsePolicy,
  type RequestFacts,
} from '@tokentrail/session'

/** Time of the first request: 2026-11-24T10:00:00Z, on a clock that does not run. */
export const START = Date.parse('2026-11-24T10:00:00Z')
const NANOS_PER_MILLI = 1_000_000n
const clock = { unixNanos: () => BigInt(START) * NANOS_PER_MILLI }

/** A token that the recorded traffic used; it must never be printed. */
export const TOKEN = 'canary-token-of-alice'

/** What a recorder delivered, one LogRecord each, in the order of its log. */
export interface Delivered {
  readonly records: readonly object[]
  readonly identities: readonly object[]
}

/** A short recorded history, with what verifies it. */
export interface History extends Delivered {
  /** Public root key. */
  readonly rootFile: string
  /** Private key of the same root. */
  readonly signingKeyFile: string
  readonly pseudonymKeyFile: string
}

interface LogsData {
  readonly resourceLogs: readonly {
    readonly scopeLogs: readonly { readonly logRecords: readonly { eventName: string }[] }[]
  }[]
}

/** A collector that keeps what it is sent. */
async function startSink() {
  const records: { eventName: string }[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => (body += text))
    request.on('end', () => {
      const { resourceLogs } = JSON.parse(body) as LogsData
      for (const { scopeLogs } of resourceLogs) {
        records.push(...scopeLogs.flatMap(({ logRecords }) => logRecords))
      }
      response.setHeader('content-type', 'application/json').end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    records,
    endpoint: `http://127.0.0.1:${port}/v1/logs`,
    close: () => {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    },
  }
}

const claims = { iss: 'https://as.example.com', sub: 'alice', client_id: 'web', sid: 's1' }

/** Requests as capture would tell of them: one second apart, the last two refused. */
function listRequests(): readonly RequestFacts[] {
  const facts = (second: number, more: Partial<RequestFacts>): RequestFacts => ({
    time: String(BigInt(START + second * 1000) * NANOS_PER_MILLI),
    method: 'GET',
    route: '/v1/orders',
    statusCode: 200,
    complete: true,
    clientAddress: '192.0.2.7',
    token: TOKEN,
    scheme: 'bearer',
    verified: { token: TOKEN, method: 'jwt', hook: 'jose.jwtVerify', claims },
    ...more,
  })
  const lacksScope = [{ scheme: 'bearer', error: 'insufficient_scope' }]
  const bob = { ...claims, sub: 'bob', sid: 's2' }
  const verified = { token: 't-bob', method: 'jwt', hook: 'jose.jwtVerify', claims: bob } as const
  const { time, method, complete } = facts(4, {})
  const nobody = { time, method, complete, route: '/v1/orders', statusCode: 401 }
  return [
    facts(0, {}),
    facts(1, { method: 'POST', statusCode: 201 }),
    facts(2, { token: 't-bob', verified, route: '/v1/patients/:id' }),
    facts(3, { token: 't-bob', verified, statusCode: 403, challenges: lacksScope }),
    { ...nobody, challenges: [{ scheme: 'bearer' }] },
  ]
}

function recordRequests(log: RecordLog, keys: RecorderKeys): void {
  const { id, epoch, secret } = keys.pseudonym
  const recorder = createRecorder({
    sink: log,
    pseudonyms: createPseudonymizer({ hmac: createHmac(secret), keyId: id, epoch }),
    policy: parsePolicy({ routes: [{ match: '/v1/patients/**', frameworks: ['hipaa'] }] }),
    clock,
  })
  for (const facts of listRequests()) recorder.recordRequest(facts)
}

/** Records a short history for real and takes what is delivered. */
export async function recordHistory(folder: string): Promise<History> {
  const sink = await startSink()
  const settings = resolveExporterOptions(
    {
      directory: folder,
      slot: 'slot-0',
      resource: { 'service.name': 'orders' },
      endpoint: sink.endpoint,
      compression: 'none',
      batchDelayMillis: 5,
    },
    {},
  )
  const keys = loadOrCreateKeys(settings)
  const log = openLog({ settings, keys, recorderVersion: '0.1.0', clock })
  recordRequests(log, keys)
  const delivered = await log.shutdown(20_000)
  await sink.close()
  if (!delivered) throw new Error('the history was not delivered')
  const isIdentity = ({ eventName }: { eventName: string }) => eventName === 'tokentrail.identity'
  return {
    records: sink.records.filter((record) => !isIdentity(record)),
    identities: sink.records.filter(isIdentity),
    rootFile: settings.rootKeyFile,
    signingKeyFile: join(folder, 'keys', 'signing.jwk.json'),
    pseudonymKeyFile: join(folder, 'keys', 'pseudonym.jwk.json'),
  }
}

/** One line of OTLP JSON, as a collector's file exporter writes it. */
export function formatLine(records: readonly object[]): string {
  return `${JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: records }] }] })}\n`
}
