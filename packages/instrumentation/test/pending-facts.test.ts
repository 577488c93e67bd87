import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { expect, it } from 'vitest'
import { Decision } from '../src/decision.ts'
import { PendingFacts } from '../src/pending-facts.ts'

function decide(token: string): Decision {
  const request = new IncomingMessage(new Socket())
  request.headers.authorization = `Bearer ${token}`
  const stamper = { onToken() {}, onFact() {}, stampOf: () => undefined }
  return new Decision(
    request,
    new ServerResponse(request),
    { serverSpan: false, spans: false, logs: false, sessionId: false },
    stamper,
  )
}

const verified = (token: string) =>
  ({ token, method: 'jwt', hook: 'lib.verify', claims: { sub: token } }) as const

it('gives a request what was seen of its token elsewhere', () => {
  const pending = new PendingFacts({ unixNanos: () => 0n })
  pending.addVerified(verified('a'))
  pending.addRejection({ token: 'a', reason: 'expired', hook: 'lib.verify' })
  pending.addRejection({ token: 'b', reason: 'expired', hook: 'lib.verify' })
  const [a, b, c] = [decide('a'), decide('b'), decide('c')]
  for (const decision of [a, b, c]) pending.join(decision)
  expect(a.verified?.claims).toEqual({ sub: 'a' })
  expect(a.rejection).toBeUndefined()
  expect(b.rejection?.reason).toBe('expired')
  expect([c.verified, c.rejection]).toEqual([undefined, undefined])
})

it('keeps a proof where the same token was looked up too', () => {
  const pending = new PendingFacts({ unixNanos: () => 0n })
  pending.addVerified({ ...verified('a'), method: 'lookup', claims: {} })
  pending.addVerified(verified('a'))
  pending.addVerified({ ...verified('a'), method: 'lookup', claims: {} })
  const decision = decide('a')
  pending.join(decision)
  expect(decision.verified?.method).toBe('jwt')
})

it('leaves a request alone that has facts of its own', () => {
  const pending = new PendingFacts({ unixNanos: () => 0n })
  pending.addVerified(verified('a'))
  const decision = decide('a')
  decision.addRejection({ token: 'a', reason: 'wrong_audience', hook: 'other.verify' })
  pending.join(decision)
  expect(decision.rejection?.reason).toBe('wrong_audience')
  expect(decision.verified).toBeUndefined()
})

it('forgets after 30 s, and the oldest of more than a thousand', () => {
  let now = 0n
  const pending = new PendingFacts({ unixNanos: () => now })
  for (let index = 0; index <= 1_000; index += 1) pending.addVerified(verified(`t${index}`))
  const [oldest, newest] = [decide('t0'), decide('t1000')]
  pending.join(oldest)
  pending.join(newest)
  expect([oldest.verified?.token, newest.verified?.token]).toEqual([undefined, 't1000'])
  now = 30_000_000_001n
  const late = decide('t1000')
  pending.join(late)
  expect(late.verified).toBeUndefined()
})
