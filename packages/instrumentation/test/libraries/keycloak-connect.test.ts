import { AsyncLocalStorage } from 'node:async_hooks'
import { describe, expect, it } from 'vitest'
import { type RecordedServer, send, startRecordedServer } from '../recorded-server.ts'

interface Manager {
  validateToken(token: object, expectedType: string): Promise<unknown>
}

/** As much of Keycloak's adapter as the hook sees, hooked. */
function hookManager({ instrumentation }: RecordedServer): Manager {
  function GrantManager(): void {}
  GrantManager.prototype = { validateToken: (subject: object) => Promise.resolve(subject) }
  return instrumentation.instrumentModule('keycloak-connect', GrantManager).prototype
}

const token = {
  token: 'a.b.c',
  header: { kid: 'k1' },
  content: { sub: 'alice', email: 'alice@example.com' },
}
const verified = {
  token: 'a.b.c',
  method: 'jwt',
  hook: 'keycloak-connect.prototype.validateToken',
  claims: { sub: 'alice' },
  keyId: 'k1',
}
const outside = AsyncLocalStorage.snapshot()

describe('a token that keycloak-connect validates', () => {
  it.each<[string, typeof outside]>([
    ['in the context of its request', (call, ...args) => call(...args)],
    ['where that context was lost', outside],
  ])('is the presented one: %s', async (_, run) => {
    const server = await startRecordedServer((_request, response) => {
      void run(() => manager.validateToken(token, 'Bearer')).then(() => response.end())
    })
    const manager = hookManager(server)
    await send(server.port, { headers: { Authorization: 'Bearer a.b.c' } })
    expect(server.recorder.requests).toMatchObject([{ verified }])
    expect(JSON.stringify(server.recorder.requests)).not.toContain('alice@example.com')
  })

  it('is the session’s where none is presented', async () => {
    const server = await startRecordedServer((_, response) => {
      void manager.validateToken(token, 'Bearer').then(() => response.end())
    })
    const manager = hookManager(server)
    await send(server.port)
    expect(server.recorder.requests).toMatchObject([{ verified }])
    expect(server.recorder.requests[0]).not.toHaveProperty('token')
  })

  it('is no access token where it is an ID token', async () => {
    const server = await startRecordedServer((_, response) => {
      void manager.validateToken(token, 'ID').then(() => response.end())
    })
    const manager = hookManager(server)
    await send(server.port, { headers: { Authorization: 'Bearer a.b.c' } })
    expect(server.recorder.requests).toHaveLength(1)
    expect(server.recorder.requests[0]).not.toHaveProperty('verified')
  })
})
