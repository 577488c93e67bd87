import { appendFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'

interface LogsData {
  readonly resourceLogs?: {
    readonly scopeLogs: { readonly logRecords: { readonly body: { stringValue: string } }[] }[]
  }[]
}

/** A collector that writes what it takes to a file, as the file exporter does. */
export interface OtlpSink {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly endpoint: string
  /** While `true`, everything is refused with 503. */
  refusing: boolean
  close(): Promise<void>
}

/**
 * Starts a collector on the loopback address.
 *
 * @param onRecord - Is given each canonical text that it has taken, resent ones again.
 */
export async function startOtlpSink(
  file: string,
  onRecord: (text: string) => void = () => undefined,
): Promise<OtlpSink> {
  const take = (text: string): void => {
    appendFileSync(file, `${text}\n`)
    for (const { scopeLogs } of (JSON.parse(text) as LogsData).resourceLogs ?? []) {
      for (const { body } of scopeLogs.flatMap(({ logRecords }) => logRecords)) {
        onRecord(body.stringValue)
      }
    }
  }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      if (sink.refusing) return response.writeHead(503).end()
      const body = Buffer.concat(chunks)
      const isZipped = request.headers['content-encoding'] === 'gzip'
      take((isZipped ? gunzipSync(body) : body).toString())
      return response.setHeader('content-type', 'application/json').end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const sink: OtlpSink = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    refusing: false,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return sink
}
