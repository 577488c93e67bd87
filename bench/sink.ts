// A collector that counts: answers every OTLP/HTTP request with 200. The first part of the path names
// the sender, so that one sink serves all contestants. Forked by run.ts; tells its port and, when
// asked, what it has received.
import { appendFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'

/** What one sender has delivered. */
export interface Received {
  readonly bodies: number
  /** Bytes as they came, compressed or not. */
  readonly bytes: number
  readonly logRecords: number
  /** Those of them that are `oauth.request`. */
  readonly requests: number
  readonly spans: number
}

type Answer = { readonly port: number } | { readonly received: Readonly<Record<string, Received>> }

const NEEDLES = {
  logRecords: Buffer.from('"timeUnixNano":'),
  requests: Buffer.from('"eventName":"oauth.request"'),
  spans: Buffer.from('"endTimeUnixNano":'),
}

const received = new Map<string, Received>()
const [folder] = process.argv.slice(2)

function count(body: Buffer, needle: Buffer): number {
  let found = 0
  for (let at = body.indexOf(needle); at !== -1; at = body.indexOf(needle, at + needle.length)) {
    found += 1
  }
  return found
}

function decode(wire: Buffer, encoding: string | undefined): Buffer {
  if (encoding === 'gzip') return gunzipSync(wire)
  return encoding === 'zstd' ? zstdDecompressSync(wire) : wire
}

function add(sender: string, wire: Buffer, encoding: string | undefined): void {
  const body = decode(wire, encoding)
  const before = received.get(sender)
  received.set(sender, {
    bodies: (before?.bodies ?? 0) + 1,
    bytes: (before?.bytes ?? 0) + wire.length,
    logRecords: (before?.logRecords ?? 0) + count(body, NEEDLES.logRecords),
    requests: (before?.requests ?? 0) + count(body, NEEDLES.requests),
    spans: (before?.spans ?? 0) + count(body, NEEDLES.spans),
  })
  if (folder !== undefined) appendFileSync(join(folder, `${sender}.jsonl`), `${body.toString()}\n`)
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const sender = (request.url ?? '/').split('/')[1] ?? ''
  add(sender, Buffer.concat(chunks), request.headers['content-encoding'])
  response.setHeader('content-type', 'application/json').end('{}')
}

function tell(message: Answer): void {
  process.send?.(message)
}

const server = createServer((request, response) => {
  answer(request, response).catch(() => response.writeHead(400).end())
})
server.listen(0, '127.0.0.1', () => tell({ port: (server.address() as AddressInfo).port }))
process.on('message', () => tell({ received: Object.fromEntries(received) }))
process.on('disconnect', () => process.exit())
