import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * What a server knows of its opaque tokens: an introspection's answer, or a status that it fails
 * with.
 */
export type KnownTokens = Readonly<Record<string, Readonly<Record<string, unknown>> | number>>

/** An authorization server that is asked about opaque tokens. */
export interface TokenServer {
  readonly url: string
  close(): Promise<void>
}

/**
 * Starts a server with introspection (RFC 7662) and UserInfo (OpenID Connect Core §5.3) on the
 * loopback address. A token that it does not know is inactive there, and refused here.
 */
export async function startTokenServer(tokens: KnownTokens): Promise<TokenServer> {
  const server = createServer((request, response) => {
    void answer(request).then(({ status, body, headers = {} }) =>
      response
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(JSON.stringify(body)),
    )
  })

  async function answer(request: IncomingMessage): Promise<Answer> {
    if (request.url === '/introspect') {
      const form = new URLSearchParams(await readBody(request))
      const known = tokens[form.get('token') ?? '']
      if (typeof known === 'number') return { status: known, body: {} }
      return {
        status: 200,
        body: known === undefined ? { active: false } : { active: true, ...known },
      }
    }
    if (request.url === '/userinfo') {
      const known = tokens[request.headers.authorization?.slice('Bearer '.length) ?? '']
      if (typeof known === 'number') return { status: known, body: {} }
      if (known === undefined) return { status: 401, body: {}, headers: INVALID_TOKEN }
      return { status: 200, body: known }
    }
    return { status: 200, body: metadataOf(url) }
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

interface Answer {
  readonly status: number
  readonly body: object
  readonly headers?: Readonly<Record<string, string>>
}

const INVALID_TOKEN = { 'www-authenticate': 'Bearer error="invalid_token"' }

function metadataOf(url: string): object {
  return {
    issuer: url,
    introspection_endpoint: `${url}/introspect`,
    userinfo_endpoint: `${url}/userinfo`,
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const part of request.setEncoding('utf8')) body += String(part)
  return body
}
