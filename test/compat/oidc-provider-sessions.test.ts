import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { OAuthInstrumentation } from '@tokentrail/instrumentation'
import {
  createPseudonymizer,
  createRecorder,
  parsePolicy,
  type RecordDraft,
  type RequestFacts,
  type VerifiedClaims,
  type VerifiedToken,
} from '@tokentrail/session'
import fc from 'fast-check'
import { decodeJwt, exportJWK, generateKeyPair } from 'jose'
import * as oidc from 'oidc-provider'
import { expect, it } from 'vitest'

const GRANT = 'urn:example:anything'
const SECRET = 'canary-secret'

/** What a token may say of the user, the sign-in and itself. */
interface Asked {
  readonly format: 'jwt' | 'opaque'
  readonly account: string
  readonly extra: Readonly<Record<string, unknown>>
}

const asked: fc.Arbitrary<Asked> = fc.record({
  format: fc.constantFrom('jwt', 'opaque'),
  account: fc.constantFrom('alice', 'app', 'bob@example.com'),
  extra: fc.dictionary(
    fc.constantFrom('sid', 'auth_time', 'grant_id', 'gty', 'azp', 'acr', 'sub', 'client_id'),
    fc.oneof(
      fc.string({ minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 4e9 }),
      fc.constant('client-credentials'),
    ),
  ),
})

/** One of each rule. */
const EXAMPLES = [{ sid: 's' }, { grant_id: 'g' }, { auth_time: 1 }, {}].map((extra): [Asked] => [
  { format: 'jwt', account: 'alice', extra },
])

/** A recorder that keeps its drafts. */
function createKeeper() {
  const drafts: RecordDraft[] = []
  const faults: unknown[] = []
  const recorder = createRecorder({
    sink: { origin: 'as/0/log', append: (draft) => void drafts.push(draft) },
    pseudonyms: createPseudonymizer({
      hmac: (data) => createHmac('sha256', Buffer.alloc(32, 1)).update(data).digest('base64url'),
      keyId: 'test',
    }),
    policy: parsePolicy({}),
    clock: { unixNanos: () => 1_795_470_000_000_000_000n },
    onFault: (error) => faults.push(error),
  })
  return { drafts, faults, recorder }
}

/** A real provider that issues whatever it is asked for. */
async function startProvider(instrumentation: OAuthInstrumentation) {
  const { default: Provider } = instrumentation.instrumentModule('oidc-provider', { ...oidc })
  const { privateKey } = await generateKeyPair('ES256', { extractable: true })
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  let next: Asked | undefined
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'app',
        client_secret: SECRET,
        grant_types: [GRANT],
        redirect_uris: [],
        response_types: [],
      },
    ],
    jwks: { keys: [{ ...(await exportJWK(privateKey)), kid: 'k1', alg: 'ES256', use: 'sig' }] },
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    extraTokenClaims: () => ({ ...next?.extra }),
    features: { introspection: { enabled: true, allowedPolicy: () => true } },
    ttl: { AccessToken: 300, Grant: 3_600 },
    cookies: { keys: ['canary'] },
  })
  provider.registerGrantType(GRANT, async (context) => {
    const { client } = context.oidc
    if (client === undefined || next === undefined) throw new Error('nobody asked')
    const { account: accountId } = next
    const grant = new provider.Grant({ clientId: client.clientId, accountId })
    const token = new provider.AccessToken({
      accountId,
      client,
      grantId: await grant.save(),
      gty: GRANT,
    })
    token.resourceServer = new provider.ResourceServer('urn:example:api', {
      scope: 'orders:read',
      audience: 'urn:example:api',
      accessTokenFormat: next.format,
      jwt: { sign: { alg: 'ES256' } },
    })
    token.scope = 'orders:read'
    context.oidc.entity('AccessToken', token)
    context.body = { access_token: await token.save(), token_type: 'Bearer', expires_in: 300 }
  })
  const handle = provider.callback()
  server.on('request', (request, response) => void handle(request, response))
  const post = async (path: string, form: Readonly<Record<string, string>>) => {
    const body = new URLSearchParams({ client_id: 'app', client_secret: SECRET, ...form })
    const response = await fetch(`${issuer}${path}`, { method: 'POST', body })
    return (await response.json()) as Record<string, unknown>
  }
  return {
    async issue(wanted: Asked): Promise<string> {
      next = wanted
      const answer = await post('/token', { grant_type: GRANT })
      expect(answer).toHaveProperty('access_token')
      return String(answer['access_token'])
    },
    /** What an API learns of a token: its claims, or the answer to an introspection. */
    async readAs(format: Asked['format'], token: string): Promise<VerifiedToken> {
      if (format === 'jwt') {
        return { token, method: 'jwt', hook: 'api', claims: decodeJwt(token) as VerifiedClaims }
      }
      const claims: VerifiedClaims = await post('/token/introspection', { token })
      return { token, method: 'introspection', hook: 'api', claims }
    },
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

const toRequest = (verified: VerifiedToken): RequestFacts => ({
  time: '1795470000000000000',
  method: 'GET',
  route: '/v1/orders/:id',
  statusCode: 200,
  complete: true,
  token: verified.token,
  scheme: 'bearer',
  verified,
})

it('names one session at the server and at the API, whatever a token says', async () => {
  const keeper = createKeeper()
  const { drafts, faults, recorder } = keeper
  const instrumentation = new OAuthInstrumentation({
    recorder,
    onFault: (where) => faults.push(where),
  })
  const provider = await startProvider(instrumentation)
  const rules = new Set<unknown>()
  try {
    await fc.assert(
      fc.asyncProperty(asked, async (wanted) => {
        drafts.length = 0
        const token = await provider.issue(wanted)
        const issued = drafts.find(({ type }) => type === 'oauth.token.issued')
        recorder.recordRequest(toRequest(await provider.readAs(wanted.format, token)))
        const used = drafts.find(({ type }) => type === 'oauth.request')
        expect(issued?.session).toMatch(/^[\w-]{22}$/)
        expect(used?.session).toBe(issued?.session)
        for (const name of ['oauth.client.id', 'user.hash', 'oauth.token.fingerprint']) {
          expect([name, used?.attributes?.[name]]).toEqual([name, issued?.attributes?.[name]])
        }
        rules.add(issued?.attributes?.['oauth.session.derivation'])
      }),
      { numRuns: 150, examples: EXAMPLES },
    )
  } finally {
    provider.close()
    instrumentation.disable()
  }
  expect(faults).toEqual([])
  expect(rules).toEqual(new Set(['sid', 'grant', 'auth_time', 'token']))
})
