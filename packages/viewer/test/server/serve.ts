import { request, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createReceiver } from '../../src/receiver/receiver.ts'
import { createApi } from '../../src/server/api.ts'
import { createLive } from '../../src/server/live.ts'
import { createViewerServer } from '../../src/server/server.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import type { RecordProof } from '../../src/api-types.ts'
import { START } from '../texts.ts'

export interface Served {
  readonly store: Store
  readonly port: number
  readonly faults: unknown[]
  liveClients(): number
  get(path: string, headers?: Record<string, string>): Promise<Answer>
  post(path: string, body: string | Uint8Array, headers?: Record<string, string>): Promise<Answer>
  close(): Promise<void>
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  json(): unknown
}

const PROOF: RecordProof = {
  state: 'pending',
  leaf: '',
  index: 0,
  treeSize: 0,
  path: [],
  root: '',
  note: null,
  signedAt: null,
  certificate: null,
  explanation: [],
  findings: [],
}

/** Serves a store in memory on a free port, with a proof that says nothing. */
export async function serve(
  pageDirectory = '/nonexistent',
  live: { readonly maxClients?: number; readonly maxUnreadBytes?: number } = {},
  receiver: { readonly maxRoomBytes?: number } = {},
): Promise<Served> {
  const store = openStore(':memory:')
  const faults: unknown[] = []
  const stream = createLive({ store, intervalMillis: 1, ...live })
  const server = createViewerServer({
    api: createApi({
      store,
      version: '1.2.3',
      startedAtMillis: 7,
      otlpUrl: () => 'http://127.0.0.1:1/v1/logs',
      now: () => START,
      alarms: () => undefined,
      logStates: () => ({ logs: [], omitted: 0 }),
      prove: () => Promise.resolve(PROOF),
    }),
    live: stream,
    receiver: createReceiver({ store, onFault: (fault) => faults.push(fault), ...receiver }),
    pageDirectory,
    allowedHosts: ['viewer.internal'],
    onFault: (fault) => faults.push(fault),
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    store,
    port,
    faults,
    liveClients: () => stream.clients,
    get: (path, headers) => send(port, 'GET', path, undefined, headers),
    post: (path, body, headers) =>
      send(port, 'POST', path, body, { 'content-type': 'application/json', ...headers }),
    close: () =>
      new Promise((resolve) => {
        stream.close()
        server.close(() => {
          store.close()
          resolve()
        })
        server.closeAllConnections()
      }),
  }
}

/** Sends a request as it stands: `fetch` would correct the host and the path. */
export function send(
  port: number,
  method: string,
  path: string,
  body?: string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, method, path, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          json: () => JSON.parse(text) as unknown,
        })
      })
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}
