import type { IncomingMessage, ServerResponse } from 'node:http'
import type { TokenRejection, VerifiedToken } from '@tokentrail/session'
import { describe, expect, it } from 'vitest'
import { currentDecision, Decision } from '../src/decision.ts'
import { startRecordedServer } from './recorded-server.ts'

function openDecision(authorization?: string): { decision: Decision; changes: () => number } {
  let changes = 0
  const request = { headers: { authorization } } as IncomingMessage
  const decision = new Decision(
    request,
    {} as ServerResponse,
    { serverSpan: true, spans: true, logs: true, sessionId: true },
    {
      onToken() {},
      onFact: () => {
        changes += 1
      },
      stampOf: () => undefined,
    },
  )
  return { decision, changes: () => changes }
}

const verified = (token: string): VerifiedToken => ({
  token,
  method: 'jwt',
  hook: 'test',
  claims: { sub: 'alice' },
})
const rejected = (reason: TokenRejection['reason'], token?: string): TokenRejection => ({
  ...(token === undefined ? {} : { token }),
  reason,
  hook: 'test',
})

describe('a decision', () => {
  it('takes facts about the token of the Authorization header', () => {
    const { decision, changes } = openDecision('Bearer t')
    decision.addVerified(verified('t'))
    expect(decision.verified?.claims.sub).toBe('alice')
    expect(changes()).toBe(1)
  })

  it('lets go of request and response, and keeps what is known', () => {
    const { decision } = openDecision('Bearer t')
    const { request, response } = decision
    decision.addVerified(verified('t'))
    decision.release()
    expect(decision.request).not.toBe(request)
    expect(decision.response).not.toBe(response)
    expect(decision).toMatchObject({ token: 't', verified: { claims: { sub: 'alice' } } })
  })

  it('is released when its request was recorded, for its context may live on', async () => {
    let decision: Decision | undefined
    const { port, recorder } = await startRecordedServer((_request, response) => {
      decision = currentDecision()
      response.end()
    })
    await fetch(`http://127.0.0.1:${port}/`, { headers: { authorization: 'Bearer t' } })
    expect(recorder.requests).toHaveLength(1)
    expect(decision?.facts).toBe(recorder.requests[0])
    expect(decision?.request.headers).toStrictEqual({})
    expect(decision?.outlet).toBeUndefined()
  })

  it('is released when its request is answered and nothing of it is recorded', async () => {
    let decision: Decision | undefined
    const { port, recorder } = await startRecordedServer((_request, response) => {
      decision = currentDecision()
      response.end()
    })
    await fetch(`http://127.0.0.1:${port}/`)
    expect(recorder.requests).toEqual([])
    expect(decision?.request.headers).toStrictEqual({})
    expect(decision?.outlet).toBeUndefined()
  })

  it('ignores facts about any other token, verified or not', () => {
    const { decision, changes } = openDecision('Bearer t')
    decision.addVerified(verified('id-token'))
    decision.addRejection(rejected('expired', 'id-token'))
    decision.addRejection(rejected('missing'))
    expect(decision.verified).toBeUndefined()
    expect(decision.rejection).toBeUndefined()
    expect(changes()).toBe(0)
  })

  it('ignores a verified token in a request that carries none', () => {
    const { decision } = openDecision()
    decision.addVerified(verified('from-a-cookie'))
    expect(decision.verified).toBeUndefined()
    decision.addRejection(rejected('missing'))
    expect(decision.rejection?.reason).toBe('missing')
  })

  it('forgets a refusal when a later attempt succeeds', () => {
    const { decision } = openDecision('Bearer t')
    decision.addRejection(rejected('bad_signature', 't'))
    decision.addVerified(verified('t'))
    expect(decision.rejection).toBeUndefined()
  })

  it('keeps a refusal that comes after the success, and the success', () => {
    const { decision } = openDecision('Bearer t')
    decision.addVerified(verified('t'))
    decision.addRejection(rejected('insufficient_scope', 't'))
    expect(decision.rejection?.reason).toBe('insufficient_scope')
    expect(decision.verified).toBeDefined()
  })

  it('keeps the first reason that says something', () => {
    const { decision } = openDecision('Bearer t')
    decision.addRejection(rejected('unknown', 't'))
    decision.addRejection(rejected('expired', 't'))
    decision.addRejection(rejected('policy_denied', 't'))
    expect(decision.rejection?.reason).toBe('expired')
  })
})
