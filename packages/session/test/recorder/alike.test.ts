import fc from 'fast-check'
import { crc32 } from 'node:zlib'
import { expect, test } from 'vitest'
import type { RecordDraft, RequestFacts } from '../../src/index.ts'
import { createPseudonymizer, parsePolicy } from '../../src/index.ts'
import { hmac } from '../keyed.ts'
import { CLAIMS, requestWith, verifiedWith } from '../requests.ts'
import { startRecorder } from '../start-recorder.ts'

const SIGNATURE = 'SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c'
const tokenOf = (user: string): string => `eyJhbGciOiJIUzI1NiJ9.${user}.${SIGNATURE}`

function requestOf(user: string, change: object = {}): RequestFacts {
  const token = tokenOf(user)
  const claims = { ...CLAIMS, sub: user, jti: `id-${user}` }
  return { ...requestWith({ token, verified: verifiedWith(claims, { token }) }), ...change }
}

const policy = parsePolicy({
  routes: [{ match: '/v1/patients/**', frameworks: ['hipaa'] }],
  default: { frameworks: ['soc2'] },
})

const requests = fc.array(
  fc.record({
    user: fc.constantFrom('alice', 'bob', 'carol'),
    method: fc.constantFrom('GET', 'POST', 'brew'),
    route: fc.constantFrom('/v1/orders/:id', '/v1/patients/:id', undefined),
    path: fc.constant('/v1/orders/17'),
    statusCode: fc.constantFrom(200, 201, 403, 404, 500),
    complete: fc.boolean(),
    streaming: fc.boolean(),
    clientAddress: fc.constantFrom('192.0.2.7', '192.0.2.8', undefined),
    userAgent: fc.constantFrom('curl/8.10.1', 'Mozilla/5.0 Firefox/140.0', undefined),
    fapiInteractionId: fc.constantFrom('93bac548-d2de-4546-b106-880a5018460d', undefined),
  }),
  { minLength: 1, maxLength: 60 },
)

test('a request is recorded the same whether or not others like it came before', () => {
  fc.assert(
    fc.property(requests, (made) => {
      const remembering = startRecorder({ policy, checksum: crc32 })
      const forgetting = startRecorder({ policy })
      for (const { user, ...change } of made) {
        remembering.recorder.recordRequest(requestOf(user, change))
        // In a new log nothing was told, so nothing of before is used.
        forgetting.sink.origin = `orders/0/${forgetting.sink.drafts.length}`
        forgetting.recorder.recordRequest(requestOf(user, change))
      }
      expect(remembering.faults).toEqual([])
      expect(requestsOf(remembering.sink.drafts)).toEqual(requestsOf(forgetting.sink.drafts))
    }),
  )
})

/** Every request is the first of its session in a log of its own. */
function requestsOf(drafts: readonly RecordDraft[]): readonly object[] {
  return drafts
    .filter(({ type }) => type !== 'oauth.token.observed')
    .map(({ attributes = {}, ...draft }) => {
      const { 'oauth.session.first_seen': _, ...rest } = attributes
      return { ...draft, attributes: rest }
    })
}

test('a token that comes again is hashed once', () => {
  const hashed: string[] = []
  const pseudonyms = createPseudonymizer({
    hmac: (data) => {
      hashed.push(data)
      return hmac(data)
    },
    keyId: 'test',
  })
  const { recorder, sink } = startRecorder({ pseudonyms, checksum: crc32 })
  for (let times = 0; times < 3; times += 1) recorder.recordRequest(requestOf('alice'))
  expect(hashed.filter((data) => data.includes(SIGNATURE))).toHaveLength(1)
  expect(sink.drafts.map(({ type }) => type)).toEqual([
    'oauth.token.observed',
    'oauth.request',
    'oauth.request',
    'oauth.request',
  ])
})

test('a token that nobody verified is hashed each time, whatever its end', () => {
  const { recorder, sink } = startRecorder({ checksum: () => 7 })
  recorder.recordRequest(requestOf('alice'))
  recorder.recordRequest(requestWith({ token: tokenOf('mallo'), statusCode: 401 }))
  const [, good, forged] = sink.drafts.map(
    ({ attributes }) => attributes?.['oauth.token.fingerprint'],
  )
  expect(good).toBeTypeOf('string')
  expect(forged).not.toBe(good)
  expect(sink.drafts.at(-1)?.session).toBeUndefined()
})

test('what another hook says of the same token is read anew', () => {
  const { recorder, sink } = startRecorder({ checksum: crc32 })
  recorder.recordRequest(requestOf('alice'))
  const verified = verifiedWith({ ...CLAIMS, client_id: 'other' }, { token: tokenOf('alice') })
  recorder.recordRequest(
    requestOf('alice', { verified: { ...verified, hook: 'jsonwebtoken.verify' } }),
  )
  expect(sink.drafts.at(-1)?.attributes?.['oauth.client.id']).toBe('other')
})
