import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type RecordedServer, send, startRecordedServer } from '../recorded-server.ts'

/** As much of a provider as its events need. */
class Provider extends EventEmitter {
  readonly issuer = 'https://as.example.com'
}

/** A server whose requests are handed to a provider, which is heard. */
async function startProvider(
  serve: (provider: Provider, response: ServerResponse) => void,
): Promise<RecordedServer & { readonly provider: Provider }> {
  let provider = new Provider()
  const recorded = await startRecordedServer((_, response) => serve(provider, response))
  // A class of its own for each test: what is hooked once stays so.
  const hooked = recorded.instrumentation.instrumentModule('oidc-provider', {
    default: class extends Provider {},
  })
  provider = new hooked.default()
  return { ...recorded, provider }
}

const CREATED = 'registration_create.success'
const client = { clientId: 'new-client', clientSecret: 'canary-secret' }

describe('what a library does', () => {
  it('is recorded with its request, once the status is known', async () => {
    const { port, recorder } = await startProvider((provider, response) => {
      provider.emit(CREATED, {}, client)
      expect(recorder.events).toEqual([])
      response.writeHead(201).end()
    })
    await send(port, { path: '/reg', method: 'POST' })
    expect(recorder.events).toEqual([
      {
        kind: 'client_changed',
        hook: `oidc-provider.${CREATED}`,
        known: { iss: 'https://as.example.com' },
        clientId: 'new-client',
        time: expect.stringMatching(/^\d{19}$/) as string,
        request: expect.objectContaining({ method: 'POST', statusCode: 201 }) as object,
      },
    ])
  })

  it('is recorded at once outside of a request', async () => {
    const { provider, recorder } = await startProvider(() => {})
    provider.emit(CREATED, {}, client)
    expect(recorder.events).toHaveLength(1)
    expect(recorder.events[0]).not.toHaveProperty('request')
  })

  it('is recorded once, where it is a refusal of the request', async () => {
    const { port, recorder } = await startProvider((provider, response) => {
      const oidc = { issuer: 'https://as.example.com', params: { refresh_token: 'canary' } }
      provider.emit('grant.error', { oidc }, { error: 'invalid_client', expose: true })
      response.writeHead(401, { 'www-authenticate': 'Bearer' }).end()
    })
    await send(port, { path: '/token', method: 'POST' })
    expect(recorder.events).toMatchObject([
      { kind: 'request_refused', errorCode: 'invalid_client', request: { statusCode: 401 } },
    ])
    expect(recorder.requests).toEqual([])
  })

  it('is heard beside the listeners of the application, and no fault of ours reaches them', async () => {
    const { faults, provider, recorder } = await startProvider(() => {})
    const heard: unknown[] = []
    provider.on('grant.revoked', (_context, grantId: unknown) => heard.push(grantId))
    const context = {
      get oidc(): never {
        throw new Error('canary')
      },
    }
    expect(provider.emit('grant.revoked', context, 'grant-1')).toBe(true)
    expect(heard).toEqual(['grant-1'])
    expect(faults).toEqual(['oidc-provider.default.prototype.emit'])
    expect(recorder.events).toEqual([])
  })

  it('may be anything: nothing that it is told of makes it fail', async () => {
    const { faults, provider } = await startProvider(() => {})
    provider.emit(CREATED, {}, client)
    const events = provider.eventNames().filter((name) => typeof name === 'string')
    expect(events.length).toBeGreaterThan(15)
    const member = fc.oneof(fc.anything(), fc.constantFrom('AccessToken', 'refresh_token', 'code'))
    const context = fc.record(
      {
        oidc: fc.record({
          route: member,
          params: fc.dictionary(fc.constantFrom('grant_type', 'code', 'token'), member),
          entities: fc.dictionary(
            fc.constantFrom('AccessToken', 'RefreshToken', 'Client'),
            fc.record({ kind: member, jti: member, clientId: member, amr: member, aud: member }),
          ),
          session: fc.record({ authorizations: fc.dictionary(fc.string(), member) }),
        }),
        body: fc.dictionary(fc.constantFrom('access_token', 'id_token', 'refresh_token'), member),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(fc.constantFrom(...events), fc.oneof(context, member), member, (name, one, two) =>
        provider.emit(name, one, two),
      ),
      { numRuns: 500 },
    )
    expect(faults).toEqual([])
  })
})
