import { describe, expect, it } from 'vitest'
import type { SessionIdentity } from '../../src/index.ts'
import { send, startRecordedServer, WITH_TOKEN } from '../recorded-server.ts'

const alice: SessionIdentity = {
  issuer: 'https://as.example.com',
  clientId: 'web',
  subject: 'alice',
  sid: 'session-1',
  authTime: 1_795_467_491,
  scopes: ['orders:read', 'orders:write'],
}

/** A server that says of each request who is behind it; gives what it was answered. */
async function serveAs(session: SessionIdentity | undefined) {
  const answers: boolean[] = []
  const recorded = await startRecordedServer((request, response) => {
    request.resume().on('end', () => {
      answers.push(recorded.instrumentation.identifySession(session))
      response.end()
    })
  })
  return { ...recorded, answers }
}

describe('a session that the application identifies', () => {
  it('stands for a token, with what was named and nothing else', async () => {
    const stored = { ...alice, access_token: 'canary', cookie: 'canary' }
    const { answers, port, recorder } = await serveAs(stored)
    await send(port)
    await send(port, { method: 'POST' }, 'a body, after which it is said')
    expect(answers).toEqual([true, true])
    expect(recorder.requests).toHaveLength(2)
    expect(recorder.requests[1]).not.toHaveProperty('token')
    expect(recorder.requests[1]?.verified).toEqual({
      token: '["session","https://as.example.com","web","alice","session-1",1795467491]',
      type: 'id_token',
      method: 'lookup',
      hook: 'identifySession',
      claims: {
        iss: 'https://as.example.com',
        client_id: 'web',
        sub: 'alice',
        sid: 'session-1',
        auth_time: 1_795_467_491,
        scope: 'orders:read orders:write',
      },
    })
  })

  it('is told by its token, where it has one', async () => {
    const { port, recorder } = await serveAs({ ...alice, token: 'kept', tokenType: 'access_token' })
    await send(port)
    expect(recorder.requests[0]?.verified).toMatchObject({ token: 'kept', type: 'access_token' })
  })

  it('says nothing of a request that presents a token', async () => {
    const { answers, port, recorder } = await serveAs(alice)
    await send(port, { headers: WITH_TOKEN })
    expect(answers).toEqual([false])
    expect(recorder.requests[0]).not.toHaveProperty('verified')
  })

  it('says nothing outside of a request', async () => {
    const { instrumentation, recorder } = await serveAs(alice)
    expect(instrumentation.identifySession(alice)).toBe(false)
    expect(recorder.requests).toEqual([])
  })

  it('does not fail the application that gives it something else', async () => {
    const wrong = { ...alice, scopes: 'orders:read' as unknown as readonly string[] }
    const { answers, faults, port, recorder } = await serveAs(wrong)
    await send(port)
    expect(answers).toEqual([true])
    expect(faults).toEqual(['identifySession'])
    expect(recorder.requests).toEqual([])
  })

  it('is nobody where nobody is signed in', async () => {
    const { answers, faults, instrumentation, port, recorder } = await serveAs(undefined)
    await send(port)
    instrumentation.recordSessionEnd(undefined)
    expect(answers).toEqual([false])
    expect([faults, recorder.requests, recorder.events]).toEqual([[], [], []])
  })
})

describe('the end of a session', () => {
  it('is told with the facts that identified it', async () => {
    const { instrumentation, recorder } = await serveAs(alice)
    instrumentation.recordSessionEnd(alice)
    instrumentation.recordSessionEnd({ ...alice, reason: 'backchannel_logout', token: 'kept' })
    expect(recorder.events).toMatchObject([
      { kind: 'session_ended', reason: 'logout', known: { sid: 'session-1', client_id: 'web' } },
      { kind: 'session_ended', reason: 'backchannel_logout', token: 'kept' },
    ])
  })
})
