import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { onTestFinished } from 'vitest'

/** An authorization server that publishes metadata and keys, and answers about opaque tokens. */
export interface LocalIssuer {
  readonly issuer: string
  /** Requests so far, e.g. `GET /jwks`. */
  readonly requests: string[]
  /** `Authorization` fields of introspection requests. */
  readonly authorizations: (string | undefined)[]
  /** Answers to introspection, by token; others are not active. */
  readonly active: Map<string, object>
  /** Answers every request in the place of the issuer; undefined to let it answer. */
  answer: ((request: IncomingMessage, response: ServerResponse) => void) | undefined
  /** Changes what the metadata say. */
  metadata: { readonly [name: string]: unknown }
  /** Signs an access token that is good for an hour. */
  sign(
    claims?: JWTPayload,
    header?: { readonly alg?: string; readonly typ?: string },
  ): Promise<string>
  /** Publishes a new key in the place of the one before, and signs by it from now on. */
  rotate(): Promise<void>
  readonly close: () => Promise<void>
}

interface SigningKey {
  readonly kid: string
  readonly privateKey: CryptoKey
  readonly jwk: object
}

/** Starts an issuer on the loopback address, for the rest of the test. */
export async function startIssuer(path = ''): Promise<LocalIssuer> {
  let key = await createKey('first')
  const server = createServer((request, response) => {
    local.requests.push(`${request.method} ${request.url}`)
    if (local.answer !== undefined) local.answer(request, response)
    else void respond(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const issuer = `${origin}${path}`
  const local: LocalIssuer = {
    issuer,
    requests: [],
    authorizations: [],
    active: new Map(),
    answer: undefined,
    metadata: {
      issuer,
      jwks_uri: `${origin}/jwks`,
      introspection_endpoint: `${origin}/introspect`,
    },
    async sign(claims = {}, header = {}) {
      const now = Math.floor(Date.now() / 1_000)
      const payload = { iss: issuer, sub: 'alice', client_id: 'app', jti: 'token-1', ...claims }
      return new SignJWT({ iat: now, exp: now + 3_600, ...payload })
        .setProtectedHeader({ alg: 'ES256', kid: key.kid, ...header })
        .sign(key.privateKey)
    },
    async rotate() {
      key = await createKey(`${key.kid}-next`)
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  onTestFinished(local.close)

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = request.url ?? ''
    if (url.endsWith('/.well-known/openid-configuration')) return send(response, local.metadata)
    if (url === '/jwks') return send(response, { keys: [key.jwk] })
    if (url !== '/introspect') {
      response.writeHead(404).end()
      return
    }
    local.authorizations.push(request.headers.authorization)
    const form = new URLSearchParams(await readBody(request))
    const answer = local.active.get(form.get('token') ?? '')
    send(response, answer === undefined ? { active: false } : { active: true, ...answer })
  }

  return local
}

async function createKey(kid: string): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  return {
    kid,
    privateKey,
    jwk: { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' },
  }
}

function send(response: ServerResponse, body: object): void {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(body))
}

async function readBody(request: IncomingMessage): Promise<string> {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  return body
}
