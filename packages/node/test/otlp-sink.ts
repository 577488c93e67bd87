import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'

/** A log record as it went over the wire. */
export interface DeliveredRecord {
  readonly eventName: string
  /** The parsed canonical text. */
  readonly body: {
    readonly [member: string]: unknown
    readonly attributes?: Record<string, unknown>
  }
}

/** A collector that keeps what it is given. */
export interface OtlpSink {
  readonly endpoint: string
  readonly records: DeliveredRecord[]
  /** Every byte that came, headers included. */
  readonly received: string[]
  close(): Promise<void>
}

interface LogsData {
  readonly resourceLogs: {
    scopeLogs: { logRecords: { eventName: string; body: { stringValue: string } }[] }[]
  }[]
}

/** Starts a collector on the loopback address. */
export async function startOtlpSink(): Promise<OtlpSink> {
  const records: DeliveredRecord[] = []
  const received: string[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const raw = Buffer.concat(chunks)
      const text = (
        request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw
      ).toString()
      received.push(JSON.stringify(request.headers), text)
      for (const { scopeLogs } of (JSON.parse(text) as LogsData).resourceLogs) {
        for (const { eventName, body } of scopeLogs.flatMap(({ logRecords }) => logRecords)) {
          records.push({ eventName, body: JSON.parse(body.stringValue) as DeliveredRecord['body'] })
        }
      }
      response.setHeader('content-type', 'application/json').end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    endpoint: `http://127.0.0.1:${port}`,
    records,
    received,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
