import { connect, type Socket } from 'node:net'

/** A request whose bytes are sent as they are. */
export interface RawRequest {
  readonly method?: string
  readonly path: string
  readonly token?: string | undefined
  /** Scheme of the token. Default is Bearer. */
  readonly scheme?: string
  /** Further fields; an empty one leaves out what would be sent. */
  readonly headers?: Readonly<Record<string, string>>
  /** Sent after the header went, in a packet of its own. */
  readonly body?: string
  /** Text after which the client leaves; without it the server ends the connection. */
  readonly leaveAfter?: string
}

/** Longest that a response is waited for (20 seconds). */
const TIMEOUT_MILLIS = 20_000

/** Sends one request over a connection of its own; gives every byte that came back, dates masked. */
export function exchange(url: string, request: RawRequest): Promise<string> {
  const { hostname, port } = new URL(url)
  return exchangeOver(connect({ host: hostname, port: Number(port), noDelay: true }), request)
}

/** The same, over a connection that is being made. */
export function exchangeOver(socket: Socket, request: RawRequest): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    socket.setTimeout(TIMEOUT_MILLIS, () => {
      socket.destroy(new Error(`no response to ${request.method ?? 'GET'} ${request.path}`))
    })
    const received = (): string => Buffer.concat(chunks).toString('latin1')
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      if (request.leaveAfter !== undefined && received().includes(request.leaveAfter)) {
        socket.destroy()
      }
    })
    socket.on('error', reject).on('close', () => resolve(maskDates(received())))
    socket.write(formatHead(request), () => {
      if (request.body !== undefined) setTimeout(() => socket.write(request.body ?? ''), 20)
    })
  })
}

function formatHead({ body, headers, method = 'GET', path, scheme, token }: RawRequest): string {
  const fields = {
    Host: 'api.example.com',
    'User-Agent': 'compat/1.0',
    Connection: 'close',
    ...(token === undefined ? {} : { Authorization: `${scheme ?? 'Bearer'} ${token}` }),
    ...(body === undefined
      ? {}
      : { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(body)) }),
    ...headers,
  }
  const lines = Object.entries(fields)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}: ${value}`)
  return [`${method} ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n')
}

function maskDates(response: string): string {
  return response.replaceAll(/^(date|last-modified): .*$/gim, '$1: masked')
}

/** Status code of a response. */
export function statusOf(response: string): number {
  return Number(/^HTTP\/[\d.]+ (\d{3})/.exec(response)?.[1])
}
