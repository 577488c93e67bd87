import { createServer, request as sendRequest } from 'node:http'
import type { IncomingHttpHeaders, RequestListener, RequestOptions, Server } from 'node:http'
import type { AddressInfo, Server as NetServer, Socket } from 'node:net'
import { onTestFinished } from 'vitest'
import type { EventFacts, RequestFacts, StampAttributes } from '@tokentrail/session'
import { OAuthInstrumentation } from '../src/instrumentation.ts'
import type { OAuthInstrumentationConfig, OAuthRecorder, StampFacts } from '../src/types.ts'

/** A recorder that keeps what it is given. */
export class KeepingRecorder implements OAuthRecorder {
  readonly requests: RequestFacts[] = []
  readonly events: EventFacts[] = []
  readonly stamps: StampFacts[] = []
  /** Called with each request's facts, at the moment they arrive. */
  onRequest: (facts: RequestFacts) => void = () => {}

  recordRequest(facts: RequestFacts): void {
    this.requests.push(facts)
    this.onRequest(facts)
  }

  recordEvent(facts: EventFacts): void {
    this.events.push(facts)
  }

  stamp(facts: StampFacts): StampAttributes | undefined {
    this.stamps.push(facts)
    return undefined
  }
}

/** A server on the loopback address, recorded by an instrumentation of its own. */
export interface RecordedServer<AnyServer extends NetServer = Server> {
  readonly server: AnyServer
  readonly port: number
  readonly recorder: KeepingRecorder
  readonly instrumentation: OAuthInstrumentation
  readonly faults: string[]
  /** Every connection so far. */
  readonly sockets: Socket[]
  /** Stops server and recording. Idempotent; done at the end of the test in any case. */
  close(): Promise<void>
}

/** Starts a recorded server for the rest of the test. */
export async function startRecordedServer(
  listener: RequestListener,
  config: OAuthInstrumentationConfig = {},
): Promise<RecordedServer> {
  return record(createServer(listener), config)
}

/** Records a server, whatever its protocol, for the rest of the test. */
export async function record<AnyServer extends NetServer>(
  server: AnyServer,
  config: OAuthInstrumentationConfig = {},
): Promise<RecordedServer<AnyServer>> {
  const recorder = new KeepingRecorder()
  const faults: string[] = []
  const onFault = (where: string): void => void faults.push(where)
  const instrumentation = new OAuthInstrumentation({ recorder, onFault, ...config })
  const sockets: Socket[] = []
  server.on('connection', (socket: Socket) => sockets.push(socket))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const close = async (): Promise<void> => {
    instrumentation.disable()
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
  onTestFinished(close)
  return {
    server,
    port: (server.address() as AddressInfo).port,
    recorder,
    instrumentation,
    faults,
    sockets,
    close,
  }
}

/** What a client got. */
export interface Received {
  readonly status: number | undefined
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
  readonly body: string
}

/** Sends one request and reads the whole response. */
export function send(port: number, options: RequestOptions = {}, body = ''): Promise<Received> {
  return new Promise((resolve, reject) => {
    const request = sendRequest({ host: '127.0.0.1', port, timeout: 10_000, ...options })
    request.on('error', reject)
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({
          status: response.statusCode,
          headers: { ...response.headers, date: undefined },
          rawHeaders: response.rawHeaders.filter((text) => !text.endsWith('GMT')),
          body: Buffer.concat(chunks).toString('utf8'),
        }),
      )
    })
    request.end(body)
  })
}

/** Headers of a request with a token. */
export const WITH_TOKEN: { readonly authorization: string } = {
  authorization: 'Bearer token-of-the-request',
}
