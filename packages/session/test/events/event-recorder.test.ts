import { ATTRIBUTES, EVENTS, type EventDefinition } from '@tokentrail/semantic-conventions'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  createRecorder,
  type DecodedRecord,
  type EventFacts,
  type EventToken,
  parsePolicy,
  type RecorderOptions,
  type RequestFacts,
  type VerifiedClaims,
} from '../../src/index.ts'
import { anyText } from '../arbitraries.ts'
import { createTestPseudonymizer } from '../keyed.ts'
import { createRecordingSink } from '../recording-sink.ts'
import { anonymousWith, CLAIMS, requestWith, TOKEN, verifiedWith } from '../requests.ts'

const pseudonyms = createTestPseudonymizer()
const ISSUER = 'https://as.example.com'
const REFRESH = 'canary-refresh-token'
const CODE = 'canary-code'
const OPAQUE = 'canary-opaque-token'

const HOOK = 'as.tokens'
const request: RequestFacts = anonymousWith({ method: 'POST', route: '/token', statusCode: 200 })
const access: EventToken = { token: TOKEN, type: 'access_token', claims: CLAIMS }
const refresh: EventToken = { token: REFRESH, type: 'refresh_token', claims: {}, expiresIn: 60 }
const base = { hook: HOOK, time: '1795470000000000000', request, grantId: 'canary-grant' }

type Issued = Extract<EventFacts, { kind: 'tokens_issued' }>
const issued = (change: Partial<Issued> = {}): Issued => ({
  ...base,
  kind: 'tokens_issued',
  known: { iss: ISSUER, client_id: 's6BhdRkqt3', auth_time: 1_795_467_491 },
  tokens: [access, refresh],
  grantType: 'authorization_code',
  clientAuthMethod: 'private_key_jwt',
  parent: { token: CODE, type: 'authorization_code' },
  ...change,
})
const refreshed = (token: EventToken): Issued =>
  issued({
    tokens: [token],
    grantType: 'refresh_token',
    parent: { token: REFRESH, type: 'refresh_token' },
  })
const refused = (
  change: Partial<Extract<EventFacts, { kind: 'request_refused' }>> = {},
): EventFacts => ({
  hook: HOOK,
  request: anonymousWith({ statusCode: 400 }),
  kind: 'request_refused',
  known: { iss: ISSUER },
  errorCode: 'invalid_grant',
  ...change,
})

function record(
  events: readonly EventFacts[],
  requests: readonly RequestFacts[] = [],
  options: Partial<RecorderOptions> = {},
): readonly DecodedRecord[] {
  const sink = createRecordingSink()
  const faults: unknown[] = []
  const recorder = createRecorder({
    sink,
    pseudonyms,
    policy: parsePolicy({ routes: [{ match: '/token', frameworks: ['soc2'] }] }),
    clock: { unixNanos: () => 1_795_470_000_000_000_001n },
    onFault: (error) => faults.push(error),
    ...options,
  })
  for (const event of events) recorder.recordEvent(event)
  for (const facts of requests) recorder.recordRequest(facts)
  expect(faults).toStrictEqual([])
  return sink.records
}

const typesOf = (records: readonly DecodedRecord[]): readonly string[] =>
  records.map(({ type }) => type)

describe('tokens that are issued', () => {
  it('begin the session, and say whose they are, what they are made from and from where', () => {
    const records = record([issued()])
    expect(typesOf(records)).toEqual([
      'oauth.session.start',
      'oauth.token.issued',
      'oauth.token.issued',
    ])
    const [start, first, second] = records
    expect(new Set(records.map(({ session }) => session)).size).toBe(1)
    expect(start?.attributes).toMatchObject({
      'oauth.session.start_reason': 'issuance',
      'oauth.session.derivation': 'sid',
      'compliance.framework': ['soc2'],
      'http.route': '/token',
    })
    expect(first?.attributes).toMatchObject({
      'oauth.token.type': 'access_token',
      'oauth.token.parent.fingerprint': pseudonyms.pseudonymOf('token', '', CODE),
      'oauth.token.parent.type': 'authorization_code',
      'oauth.grant.id': pseudonyms.pseudonymOf('grant', ISSUER, 'canary-grant'),
      'oauth.client.auth_method': 'private_key_jwt',
      'http.response.status_code': 200,
    })
    expect(first?.attributes).not.toHaveProperty(['oauth.validation.method'])
    expect(second?.attributes).toMatchObject({
      'oauth.token.type': 'refresh_token',
      'oauth.token.expires_at': '2026-11-23T21:41:00Z',
    })
  })

  it('go on with the session at a refresh of tokens that name the sign-in', () => {
    expect(typesOf(record([issued(), refreshed(access)])).slice(3)).toEqual([
      'oauth.token.refreshed',
    ])
  })

  it('replace the session at a refresh of tokens that name no sign-in', () => {
    const claims = { iss: ISSUER, sub: 'alice', client_id: 's6BhdRkqt3' }
    const opaque = (token: string): EventToken => ({ token, type: 'access_token', claims })
    const records = record([issued({ tokens: [opaque('a')] }), refreshed(opaque('b'))])
    const [start, , end, next] = records
    expect(typesOf(records).slice(2)).toEqual([
      'oauth.session.end',
      'oauth.session.start',
      'oauth.token.refreshed',
    ])
    expect(end).toMatchObject({
      session: start?.session,
      attributes: { 'oauth.session.end_reason': 'replaced' },
    })
    expect(next?.attributes).toMatchObject({ 'oauth.session.previous_id': start?.session })
  })

  it('make no session of a code alone', () => {
    const code: EventToken = { token: CODE, type: 'authorization_code', claims: { iss: ISSUER } }
    const [told, ...rest] = record([issued({ tokens: [code] })])
    expect(rest).toEqual([])
    expect(told).not.toHaveProperty('session')
  })
})

describe('the session of a token', () => {
  const claim = <Value>(value: Value): fc.Arbitrary<Value | undefined> =>
    fc.constantFrom(value, undefined)
  const anyClaims: fc.Arbitrary<VerifiedClaims> = fc
    .record({
      iss: claim(ISSUER),
      sub: fc.constantFrom('alice', 's6BhdRkqt3', undefined),
      client_id: claim('s6BhdRkqt3'),
      azp: claim('other-client'),
      sid: claim('session-1'),
      auth_time: claim(1_795_467_491),
      grant_id: claim('g-1'),
      jti: claim('token-1'),
      gty: claim('client-credentials'),
    })
    .map((claims) =>
      Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined)),
    )

  it('is the same at the server that issues it and at the API that takes it', () => {
    fc.assert(
      fc.property(anyClaims, fc.constantFrom(TOKEN, OPAQUE), (claims, token) => {
        const method = token === TOKEN ? 'jwt' : 'introspection'
        const [, told] = record([issued({ tokens: [{ token, type: 'access_token', claims }] })])
        const used = requestWith({ token, verified: verifiedWith(claims, { token, method }) })
        const accepted = record([], [used]).find(({ type }) => type === 'oauth.request')
        expect(told?.session).toBeDefined()
        expect(told?.session).toBe(accepted?.session)
        expect(told?.attributes['oauth.token.fingerprint']).toBe(
          accepted?.attributes['oauth.token.fingerprint'],
        )
      }),
    )
  })
})

describe('an end', () => {
  it('is told once for each session of a revoked grant, before the grant', () => {
    const revoked: EventFacts = {
      ...base,
      kind: 'grant_revoked',
      known: { iss: ISSUER, client_id: 's6BhdRkqt3' },
      grantId: 'canary-grant',
      reason: 'logout',
    }
    const records = record([issued(), revoked, revoked]).slice(3)
    expect(typesOf(records)).toEqual([
      'oauth.session.end',
      'oauth.grant.revoked',
      'oauth.grant.revoked',
    ])
    expect(records[0]?.attributes).toMatchObject({ 'oauth.session.end_reason': 'logout' })
  })

  it('names the session by the sign-in, where another process issued the tokens', () => {
    const { sid } = CLAIMS
    const known = { iss: ISSUER, sid, client_id: 's6BhdRkqt3', sub: 'alice' }
    const ended = { ...base, kind: 'session_ended', known, reason: 'backchannel_logout' } as const
    const [end] = record([ended])
    const [start] = record([issued()])
    expect(end?.session).toBe(start?.session)
    expect(end?.attributes).toMatchObject({ 'oauth.session.end_reason': 'backchannel_logout' })
  })

  it('is not told of a session that nothing names', () => {
    const known = { iss: ISSUER, client_id: 's6BhdRkqt3', sub: 'alice' }
    expect(record([{ ...base, kind: 'session_ended', known, reason: 'logout' }])).toEqual([])
  })
})

describe('a refusal', () => {
  it.each([
    ['invalid_client', 'client_rejected'],
    ['invalid_scope', 'scope_refused'],
    ['unsupported_grant_type', 'unsupported'],
    ['login_required', 'interaction_required'],
    ['invalid_grant', 'invalid_grant'],
  ])('for %s is %s', (errorCode, reason) => {
    const [told] = record([refused({ errorCode })])
    expect(told).toMatchObject({
      type: 'oauth.request.rejected',
      attributes: {
        'oauth.decision': 'deny',
        'oauth.rejection.reason': reason,
        'oauth.error.code': errorCode,
        'error.type': errorCode,
      },
    })
  })

  it.each(['authorization_pending', 'slow_down'])('for %s leaves no record', (errorCode) => {
    expect(record([refused({ errorCode })])).toEqual([])
  })

  it('of nobody is counted beyond the budget, one of a known client is not', () => {
    const known = { iss: ISSUER, client_id: 's6BhdRkqt3' }
    const rejections = { perSecond: 1, burst: 2 }
    const nobody = Array.from({ length: 5 }, () => refused())
    expect(record(nobody, [], { rejections })).toHaveLength(2)
    const client = Array.from({ length: 5 }, () => refused({ known }))
    expect(record(client, [], { rejections })).toHaveLength(5)
  })
})

describe('any event', () => {
  const anyClaims = fc.dictionary(
    fc.constantFrom('iss', 'sub', 'client_id', 'sid', 'scope', 'aud', 'jti', 'acr', 'auth_time'),
    fc.oneof(anyText, fc.integer(), fc.constant(null), fc.array(anyText, { maxLength: 3 })),
  )
  const anyToken = fc.record({
    token: fc.constantFrom(TOKEN, OPAQUE, REFRESH),
    type: fc.constantFrom<EventToken['type']>('access_token', 'refresh_token', 'id_token'),
    claims: anyClaims,
    expiresIn: fc.integer({ min: 0, max: 1e6 }),
  })
  const shared = { hook: fc.constant(HOOK), request: fc.constantFrom(request), known: anyClaims }
  const anyEvent: fc.Arbitrary<EventFacts> = fc.oneof(
    fc.record({
      ...shared,
      kind: fc.constant('tokens_issued' as const),
      tokens: fc.array(anyToken, { maxLength: 3 }),
      grantType: anyText,
      grantId: anyText,
      parent: fc.constantFrom(
        { token: CODE, type: 'authorization_code' as const },
        { token: REFRESH, type: 'refresh_token' as const },
      ),
    }),
    fc.record({ ...shared, kind: fc.constant('token_introspected' as const), token: anyToken }),
    fc.record({ ...shared, kind: fc.constant('token_revoked' as const), token: anyToken }),
    fc.record({
      ...shared,
      kind: fc.constant('grant_revoked' as const),
      grantId: anyText,
      reason: fc.constantFrom('logout' as const, 'revoked' as const),
    }),
    fc.record({
      ...shared,
      kind: fc.constant('session_ended' as const),
      reason: fc.constantFrom('logout' as const, 'replaced' as const),
      token: fc.constant(OPAQUE),
    }),
    fc.record({ ...shared, kind: fc.constant('client_changed' as const), clientId: anyText }),
    fc.record({
      ...shared,
      kind: fc.constant('request_refused' as const),
      errorCode: anyText,
      grantType: anyText,
      token: fc.constantFrom(CODE, REFRESH),
    }),
  )

  it('gives only what the registry allows, and no token', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 6 }), (events) => {
        const records = record(events)
        for (const { attributes, type } of records) {
          const definition: EventDefinition = EVENTS[type as keyof typeof EVENTS]
          const listed = [...definition.requiredAttributes, ...definition.optionalAttributes]
          for (const name of Object.keys(attributes)) {
            expect(listed).toContain(name)
            expect(ATTRIBUTES).toHaveProperty([name])
          }
        }
        const written = JSON.stringify(records)
        for (const token of [TOKEN, OPAQUE, REFRESH, CODE]) expect(written).not.toContain(token)
      }),
      { numRuns: 300 },
    )
  })
})
