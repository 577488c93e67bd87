import { appendFileSync } from 'node:fs'
import {
  type IncomingMessage,
  type ServerOptions,
  type ServerResponse,
  createServer,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { type ArrivedRecord, Arrivals } from './arrivals.ts'

/** One request as a script sees it. */
export interface ScriptedRequest {
  readonly records: readonly ArrivedRecord[]
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

/**
 * Decides about one request: a status, which is answered at once, or `undefined` when the script
 * answers, or does not, by itself. What is answered by 200 counts as accepted.
 */
export type Script = (request: ScriptedRequest) => number | undefined

/** A scripted OTLP/HTTP receiver on the loopback address. */
export interface ScriptedReceiver {
  readonly url: string
  readonly arrivals: Arrivals
  script: Script
  /** Requests so far, whatever became of them. */
  requests: number
  /** Counts records as accepted that the script answered by itself. */
  accept(records: readonly ArrivedRecord[]): void
  close(): Promise<void>
}

export const ACCEPT: Script = () => 200

interface Wire {
  readonly resourceLogs: readonly {
    readonly scopeLogs: readonly { readonly logRecords: readonly WireRecord[] }[]
  }[]
}

interface WireRecord {
  readonly body: { readonly stringValue: string }
  readonly attributes?: readonly {
    readonly key: string
    readonly value: { readonly stringValue: string }
  }[]
}

/**
 * Starts a receiver.
 *
 * @param file - What it accepts is appended here, one OTLP/JSON request per line.
 * @param options - E.g. how long it waits for a connection that is idle.
 */
export async function startReceiver(
  file?: string,
  port = 0,
  options: ServerOptions = {},
): Promise<ScriptedReceiver> {
  const arrivals = new Arrivals()
  const server = createServer(options, (request, response) => {
    const parts: Buffer[] = []
    request.on('error', () => undefined)
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const isZipped = request.headers['content-encoding'] === 'gzip'
      const body = Buffer.concat(parts)
      const records = parseRecords((isZipped ? gunzipSync(body) : body).toString())
      receiver.requests++
      const status = receiver.script({ records, request, response })
      if (status === 200) receiver.accept(records)
      if (status !== undefined) {
        response.writeHead(status, { 'content-type': 'application/json' })
        response.end(status === 200 ? '{"partialSuccess":{}}' : '')
      }
    })
  })
  const receiver: ScriptedReceiver = {
    url: '',
    arrivals,
    script: ACCEPT,
    requests: 0,
    accept(records) {
      if (file !== undefined) appendFileSync(file, `${formatRequest(records)}\n`)
      arrivals.take(records)
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const { port: bound } = server.address() as AddressInfo
  return Object.assign(receiver, { url: `http://127.0.0.1:${bound}/v1/logs` })
}

function formatRequest(records: readonly ArrivedRecord[]): string {
  const logRecords = records.map(({ json }) => json).join(',')
  return `{"resourceLogs":[{"scopeLogs":[{"logRecords":[${logRecords}]}]}]}`
}

/** Reads the records of an OTLP/JSON request. */
export function parseRecords(body: string): ArrivedRecord[] {
  const wire = JSON.parse(body) as Wire
  return wire.resourceLogs
    .flatMap(({ scopeLogs }) => scopeLogs.flatMap(({ logRecords }) => logRecords))
    .map((record) => ({
      uid: record.attributes?.find(({ key }) => key === 'log.record.uid')?.value.stringValue ?? '',
      text: record.body.stringValue,
      json: JSON.stringify(record),
    }))
}
