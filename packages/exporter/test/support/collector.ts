import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'

/** A log record as it arrived. */
export interface ArrivedRecord {
  readonly uid: string
  readonly eventName: string
  readonly text: string
  /** The whole LogRecord, to compare bytes of re-sent ones. */
  readonly json: string
}

/** Decides about one request: a status code, or something else done with the response. */
export type Reaction = (
  records: readonly ArrivedRecord[],
  response: ServerResponse,
) => number | void

/** A scripted OTLP/HTTP receiver on the loopback address. */
export interface Collector {
  readonly url: string
  /** Every record of every accepted request, in order. */
  readonly accepted: ArrivedRecord[]
  /** Every record of every request, accepted or not. */
  readonly seen: ArrivedRecord[]
  readonly requests: { readonly headers: IncomingMessage['headers']; readonly status: number }[]
  react: Reaction
  /** Waits until the predicate holds, looked at after each request. */
  until(predicate: () => boolean, timeoutMillis?: number): Promise<void>
  close(): Promise<void>
}

export const ACCEPT: Reaction = () => 200

export async function startCollector(react: Reaction = ACCEPT, port = 0): Promise<Collector> {
  const waiting = new Set<() => void>()
  const collector: Collector = {
    url: '',
    accepted: [],
    seen: [],
    requests: [],
    react,
    until: (predicate, timeoutMillis = 15_000) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error('the collector waited in vain')),
          timeoutMillis,
        )
        const look = () => {
          if (!predicate()) return
          clearTimeout(timer)
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const records = parseRecords(request, Buffer.concat(parts))
      collector.seen.push(...records)
      const status = collector.react(records, response)
      if (status === 200) collector.accepted.push(...records)
      collector.requests.push({ headers: request.headers, status: status ?? 0 })
      if (status !== undefined) {
        response.statusCode = status
        response.setHeader('content-type', 'application/json')
        response.end(status === 200 ? '{"partialSuccess":{}}' : '')
      }
      for (const look of waiting) look()
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const { port: bound } = server.address() as AddressInfo
  return Object.assign(collector, { url: `http://127.0.0.1:${bound}/v1/logs` })
}

interface Wire {
  readonly resourceLogs: readonly {
    readonly scopeLogs: readonly {
      readonly logRecords: readonly {
        readonly eventName: string
        readonly body: { readonly stringValue: string }
        readonly attributes?: readonly {
          readonly key: string
          readonly value: { stringValue: string }
        }[]
      }[]
    }[]
  }[]
}

function parseRecords(request: IncomingMessage, body: Buffer): ArrivedRecord[] {
  const bytes = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
  const wire = JSON.parse(bytes.toString('utf8')) as Wire
  return wire.resourceLogs.flatMap((resource) =>
    resource.scopeLogs.flatMap((scope) =>
      scope.logRecords.map((record) => ({
        uid:
          record.attributes?.find(({ key }) => key === 'log.record.uid')?.value.stringValue ?? '',
        eventName: record.eventName,
        text: record.body.stringValue,
        json: JSON.stringify(record),
      })),
    ),
  )
}
