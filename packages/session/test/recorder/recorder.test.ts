import { ATTRIBUTES, EVENTS, type EventDefinition } from '@tokentrail/semantic-conventions'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  createRecorder,
  type DecodedRecord,
  identityOfStamp,
  parsePolicy,
  type Recorder,
  type RecorderOptions,
  type RequestFacts,
  type VerifiedClaims,
} from '../../src/index.ts'
import { anyText } from '../arbitraries.ts'
import { createTestPseudonymizer } from '../keyed.ts'
import { createRecordingSink, type RecordingSink } from '../recording-sink.ts'
import {
  anonymousWith,
  CLAIMS,
  OTHER_TOKEN,
  rejectionWith,
  requestWith,
  TOKEN,
  verifiedWith,
} from '../requests.ts'

const ALICE = 'HVH65NCLXG4clOzOQjqOMw'
const ADDRESS = 'Y1rVDnFOj4pE0KHuKoz1MQ'
const CURL = '-xo0NvFSXPQOX5WddQfL8g'
const SESSION = 'HN9-ezVGtY1i9RZ08D9OAQ'
const pseudonyms = createTestPseudonymizer()
const FINGERPRINT = pseudonyms.pseudonymOf('token', '', TOKEN)
const policy = parsePolicy({
  routes: [
    { match: '/v1/orders/**', frameworks: ['soc2', 'hipaa'] },
    { match: '/v1/cards/**', frameworks: ['pci'] },
  ],
})

interface Recording {
  readonly recorder: Recorder
  readonly sink: RecordingSink
  readonly faults: unknown[]
}

function startRecording(options: Partial<RecorderOptions> = {}): Recording {
  const sink = createRecordingSink()
  const faults: unknown[] = []
  const recorder = createRecorder({
    sink,
    pseudonyms,
    policy,
    clock: { unixNanos: () => 1_795_470_000_000_000_001n },
    onFault: (error) => faults.push(error),
    ...options,
  })
  return { recorder, sink, faults }
}

function record(...requests: readonly RequestFacts[]): RecordingSink {
  const { faults, recorder, sink } = startRecording()
  for (const request of requests) recorder.recordRequest(request)
  expect(faults).toStrictEqual([])
  return sink
}

const typesOf = ({ records }: RecordingSink): readonly string[] => records.map(({ type }) => type)
const verified = (change: Partial<RequestFacts> = {}): RequestFacts =>
  requestWith({ verified: verifiedWith(CLAIMS), ...change })

describe('a request with a verified token', () => {
  it('gives the token, then the request, each with its session and trace', () => {
    const trace = { trace: '4bf92f3577b34da6a3ce929d0e0e4736', span: '00f067aa0ba902b7' }
    const { records } = record(verified(trace))
    expect(records).toHaveLength(2)
    expect(records[0]).toMatchObject({ ...trace, type: 'oauth.token.observed', session: SESSION })
    expect(records[1]).toEqual({
      ...trace,
      v: 1,
      log: 'orders/0/first',
      index: 1,
      type: 'oauth.request',
      time: '1795470000123456789',
      session: SESSION,
      attributes: {
        'client.address': ADDRESS,
        'compliance.framework': ['hipaa', 'soc2'],
        'http.request.method': 'GET',
        'http.response.status_code': 200,
        'http.route': '/v1/orders/:id',
        'oauth.client.id': 's6BhdRkqt3',
        'oauth.decision': 'allow',
        'oauth.session.first_seen': true,
        'oauth.token.fingerprint': FINGERPRINT,
        'oauth.token.scopes': ['orders:read', 'orders:write'],
        'user.hash': ALICE,
        'user_agent.name': 'curl',
        'user_agent.original': CURL,
      },
    })
  })

  it('comes with the clear values behind its pseudonyms, once', () => {
    const { identities } = record(verified(), verified())
    expect(identities.map(({ kind, value }) => [kind, value])).toStrictEqual([
      ['sub', 'alice'],
      ['sid', '08a5019c-17e1-4977-8f42-65a12843ea02'],
      ['address', '192.0.2.7'],
      ['user_agent', 'curl/8.10.1'],
    ])
  })

  it.each([
    `sync/2.1 (${TOKEN})`,
    `sync/2.1 key=${'aB3-'.repeat(10)}`,
    'sync/2.1 eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln',
  ])('keeps no clear user agent that may hold a credential: %s', (userAgent) => {
    const { identities, records } = record(verified({ userAgent }))
    expect(identities.map(({ kind }) => kind)).toStrictEqual(['sub', 'sid', 'address'])
    const original = pseudonyms.pseudonymOf('user_agent', '', userAgent)
    expect(records[1]?.attributes).toMatchObject({ 'user_agent.original': original })
  })

  it.each([
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0',
    'Slack/550e8400-e29b-41d4-a716-446655440000 (com.tinyspeck.chatlyio; iOS 26.1)',
  ])('keeps an ordinary user agent: %s', (userAgent) => {
    const { identities } = record(verified({ userAgent }))
    expect(identities.at(-1)).toMatchObject({ kind: 'user_agent', value: userAgent })
  })

  it('tells of the token and the first sight of its session once', () => {
    const sink = record(verified(), verified())
    expect(typesOf(sink)).toStrictEqual(['oauth.token.observed', 'oauth.request', 'oauth.request'])
    expect(sink.records[2]?.attributes).not.toHaveProperty(['oauth.session.first_seen'])
  })

  it('tells of the token again when a framework first meets it, the default route too', () => {
    const cards = verified({ route: '/v1/cards/:id' })
    const none = verified({ route: '/health' })
    const sink = record(verified(), cards, none, verified(), cards, none)
    const observed = sink.records.filter(({ type }) => type === 'oauth.token.observed')
    expect(observed.map(({ attributes }) => attributes['compliance.framework'])).toStrictEqual([
      ['hipaa', 'soc2'],
      ['pci'],
      undefined,
    ])
  })

  it('tells everything again in a new log', () => {
    const { recorder, sink } = startRecording()
    recorder.recordRequest(verified())
    const before = sink.identities.length
    sink.origin = 'orders/0/second'
    recorder.recordRequest(verified())
    expect(typesOf(sink).slice(2)).toStrictEqual(['oauth.token.observed', 'oauth.request'])
    expect(sink.identities).toHaveLength(before * 2)
    expect(sink.records[3]?.attributes['oauth.session.first_seen']).toBe(true)
  })

  it('tells again what its bounded tables forgot', () => {
    const { recorder, sink } = startRecording({
      memory: { maxIdentities: 2, maxSessions: 2, maxTokens: 2 },
    })
    const user = (name: string): RequestFacts =>
      requestWith({
        token: `${TOKEN}${name}`,
        verified: verifiedWith({ ...CLAIMS, sub: name, sid: name }, { token: `${TOKEN}${name}` }),
      })
    for (const name of ['a', 'b', 'c', 'd', 'a']) recorder.recordRequest(user(name))
    expect(typesOf(sink).filter((type) => type === 'oauth.token.observed')).toHaveLength(5)
    expect(sink.identities.filter(({ value }) => value === 'a').length).toBeGreaterThan(2)
  })
})

describe('a token that nobody verified', () => {
  it('is recorded by fingerprint, without session or identity', () => {
    const sink = record(requestWith())
    expect(typesOf(sink)).toStrictEqual(['oauth.request'])
    expect(sink.records[0]).not.toHaveProperty('session')
    expect(sink.records[0]?.attributes).toStrictEqual(
      expect.objectContaining({ 'oauth.token.fingerprint': FINGERPRINT }),
    )
    expect(sink.identities.map(({ kind }) => kind)).toStrictEqual(['address', 'user_agent'])
  })

  it('is rejected with bounded, escaped header facts and nothing that it claims', () => {
    const forged = requestWith({
      token: OTHER_TOKEN,
      statusCode: 401,
      challenges: [{ scheme: 'bearer', error: 'invalid_token' }],
      rejection: rejectionWith({
        token: OTHER_TOKEN,
        reason: 'bad_signature',
        keyId: `k\n${'x'.repeat(500)}`,
        algorithm: 'none\u202e',
      }),
    })
    const [rejected] = record(forged).records
    expect(rejected?.type).toBe('oauth.request.rejected')
    expect(rejected).not.toHaveProperty('session')
    expect(rejected?.attributes).toEqual({
      'client.address': ADDRESS,
      'compliance.framework': ['hipaa', 'soc2'],
      'error.type': 'invalid_token',
      'http.request.method': 'GET',
      'http.response.status_code': 401,
      'http.route': '/v1/orders/:id',
      'oauth.decision': 'deny',
      'oauth.error.code': 'invalid_token',
      'oauth.rejection.reason': 'bad_signature',
      'oauth.token.algorithm': 'none\\u202e',
      'oauth.token.fingerprint': pseudonyms.pseudonymOf('token', '', OTHER_TOKEN),
      'oauth.token.key.id': `k\\u000a${'x'.repeat(121)}`,
      'tokentrail.capture.hook': 'jose.jwtVerify',
      'user_agent.name': 'curl',
      'user_agent.original': CURL,
    })
  })

  it('is not given the identity of another token of the same request', () => {
    const sink = record(requestWith({ token: OTHER_TOKEN, verified: verifiedWith(CLAIMS) }))
    expect(typesOf(sink)).toStrictEqual(['oauth.request'])
    expect(sink.records[0]?.attributes).not.toHaveProperty(['user.hash'])
  })

  it('is not given claims that were proven of another token', () => {
    const rejection = rejectionWith({ provenClaims: CLAIMS })
    const [rejected] = record(
      requestWith({ token: OTHER_TOKEN, statusCode: 401, rejection }),
    ).records
    expect(rejected?.attributes).not.toHaveProperty(['user.hash'])
    expect(rejected?.attributes).not.toHaveProperty(['oauth.client.id'])
  })
})

describe('a rejection', () => {
  it('names who it was when the signature was proven, and is no telling of the token', () => {
    const sink = record(
      requestWith({
        statusCode: 401,
        challenges: [{ scheme: 'bearer', error: 'invalid_token' }],
        rejection: rejectionWith({ reason: 'expired', provenClaims: CLAIMS }),
      }),
    )
    expect(typesOf(sink)).toStrictEqual(['oauth.request.rejected'])
    expect(sink.records[0]).toMatchObject({
      session: SESSION,
      attributes: { 'user.hash': ALICE, 'oauth.rejection.reason': 'expired' },
    })
    expect(sink.records[0]?.attributes).not.toHaveProperty(['oauth.token.key.id'])
  })

  it('says which scopes were demanded and which are missing', () => {
    const [, rejected] = record(
      verified({
        statusCode: 403,
        challenges: [
          {
            scheme: 'bearer',
            error: 'insufficient_scope',
            scopes: ['orders:read', 'orders:delete'],
          },
        ],
      }),
    ).records
    expect(rejected?.attributes).toMatchObject({
      'oauth.rejection.reason': 'insufficient_scope',
      'oauth.required_scopes': ['orders:read', 'orders:delete'],
      'oauth.missing_scopes': ['orders:delete'],
      'oauth.token.scopes': ['orders:read', 'orders:write'],
      'tokentrail.capture.hook': 'http',
    })
  })

  it('for lack of a token says so', () => {
    const [rejected] = record(
      anonymousWith({ statusCode: 401, challenges: [{ scheme: 'bearer' }] }),
    ).records
    expect(rejected?.attributes).toMatchObject({
      'error.type': '401',
      'oauth.rejection.reason': 'missing',
    })
    expect(rejected?.attributes).not.toHaveProperty(['oauth.token.fingerprint'])
  })
})

describe('the outcome', () => {
  const attributesOf = (facts: RequestFacts): DecodedRecord['attributes'] =>
    record(facts).records.at(-1)?.attributes ?? {}

  it('is unknown when the response never finished: no status', () => {
    const attributes = attributesOf(requestWith({ complete: false }))
    expect(attributes['oauth.decision']).toBe('allow')
    expect(attributes).not.toHaveProperty(['http.response.status_code'])
    expect(attributes).not.toHaveProperty(['error.type'])
  })

  it('is the status while the response goes on, and the record says that it does', () => {
    const attributes = attributesOf(requestWith({ complete: false, streaming: true }))
    expect(attributes).toMatchObject({
      'http.response.status_code': 200,
      'tokentrail.response.streaming': true,
    })
    expect(attributesOf(requestWith({}))).not.toHaveProperty(['tokentrail.response.streaming'])
  })

  it('of a failure has a type', () => {
    expect(attributesOf(requestWith({ statusCode: 500 }))['error.type']).toBe('500')
    expect(attributesOf(requestWith({ statusCode: 401 }))['error.type']).toBe('401')
    const { statusCode: _, ...broken } = requestWith({
      rejection: rejectionWith({}),
      complete: false,
    })
    expect(attributesOf(broken)['error.type']).toBe('expired')
  })
})

describe('what a request says of itself', () => {
  const attributesOf = (change: Partial<RequestFacts>): DecodedRecord['attributes'] =>
    record(requestWith(change)).records[0]?.attributes ?? {}

  it('is its path, redacted, only without a route', () => {
    const { route: _, ...rest } = requestWith({ path: '/v1/orders/4711471147?token=x' })
    expect(record(rest).records[0]?.attributes['url.path']).toBe(
      `/v1/orders/~${pseudonyms.pseudonymOf('path', '', '4711471147')}`,
    )
    expect(attributesOf({ path: '/v1/orders/1' })).not.toHaveProperty(['url.path'])
  })

  it('is an interaction id only if that is a UUID', () => {
    const id = 'c770aef3-6784-41f7-8e0e-ff5f97bddb3a'
    expect(attributesOf({ fapiInteractionId: id })['oauth.fapi.interaction_id']).toBe(id)
    expect(attributesOf({ fapiInteractionId: `${id}\n` })).not.toHaveProperty([
      'oauth.fapi.interaction_id',
    ])
  })

  it('is a method of the usual form, else _OTHER', () => {
    expect(attributesOf({ method: 'M-SEARCH' })['http.request.method']).toBe('M-SEARCH')
    expect(attributesOf({ method: 'get me' })['http.request.method']).toBe('_OTHER')
  })

  it('is no trace that is none, and the time of the clock when it names none', () => {
    const [draft] = record(requestWith({ trace: 'x', span: '0'.repeat(16), time: 'now' })).records
    expect(draft).not.toHaveProperty('trace')
    expect(draft).not.toHaveProperty('span')
    expect(draft?.time).toBe('1795470000000000001')
  })
})

describe('the settings of identification', () => {
  it('plain shows subject and address, and still tells the subject behind the hash', () => {
    const { recorder, sink } = startRecording({ subject: 'plain', address: 'plain' })
    recorder.recordRequest(verified())
    expect(sink.records[0]?.attributes['oauth.token.subject']).toBe('alice')
    expect(sink.records[1]?.attributes['client.address']).toBe('192.0.2.7')
    expect(sink.identities.map(({ kind }) => kind)).toStrictEqual(['sub', 'sid', 'user_agent'])
  })

  it('off shows neither, under no name', () => {
    const { recorder, sink } = startRecording({ subject: 'off', address: 'off' })
    recorder.recordRequest(verified())
    const written = JSON.stringify([sink.records, sink.identities])
    for (const value of ['alice', ALICE, '192.0.2.7', ADDRESS]) expect(written).not.toContain(value)
    expect(sink.records[1]?.session).toBe(SESSION)
  })

  it('refuses any other', () => {
    expect(() => startRecording({ subject: 'hidden' as never })).toThrow('"subject" must be')
    expect(() => startRecording({ address: 'hidden' as never })).toThrow('"address" must be')
  })
})

describe('a stamp', () => {
  it('says as soon as the token is verified what is known of it, and of whom it is', () => {
    const { recorder, sink } = startRecording()
    const facts = requestWith({ verified: verifiedWith(CLAIMS) })
    const { statusCode: _, ...running } = facts
    const stamp = recorder.stamp(running)
    recorder.recordRequest(facts)
    const { 'compliance.framework': _frameworks, ...observed } = sink.drafts[0]?.attributes ?? {}
    expect(stamp).toStrictEqual({ ...observed, 'oauth.session.id': SESSION })
    expect(identityOfStamp(stamp ?? {})).toStrictEqual({
      'oauth.session.id': SESSION,
      'oauth.client.id': 's6BhdRkqt3',
      'oauth.token.subject': ALICE,
      'user.hash': ALICE,
    })
  })

  it('adds the decision when the response is known', () => {
    const { recorder } = startRecording()
    const stamp = recorder.stamp(requestWith({ statusCode: 403 }))
    expect(stamp).toStrictEqual({
      'oauth.decision': 'deny',
      'oauth.rejection.reason': 'policy_denied',
    })
    expect(identityOfStamp(stamp ?? {})).toBeUndefined()
    const challenges = [{ scheme: 'bearer', error: 'insufficient_scope', scopes: ['a'] }]
    expect(recorder.stamp(requestWith({ statusCode: 403, challenges }))).toStrictEqual({
      'oauth.decision': 'deny',
      'oauth.error.code': 'insufficient_scope',
      'oauth.rejection.reason': 'insufficient_scope',
      'oauth.required_scopes': ['a'],
    })
  })

  it('is nothing before anything is known, and hashes no token for it', () => {
    let hashed = 0
    const { recorder } = startRecording({
      pseudonyms: { ...pseudonyms, pseudonymOf: () => String(hashed++) },
    })
    expect(recorder.stamp({ token: TOKEN, scheme: 'bearer' })).toBeUndefined()
    expect(hashed).toBe(0)
  })

  it('is computed once per verified token, the record included', () => {
    const hashed: string[] = []
    const { recorder } = startRecording({
      pseudonyms: {
        ...pseudonyms,
        pseudonymOf(kind, issuer, value) {
          hashed.push(kind)
          return pseudonyms.pseudonymOf(kind, issuer, value)
        },
      },
    })
    const facts = verified()
    recorder.stamp(facts)
    recorder.stamp(facts)
    recorder.recordRequest(facts)
    expect(hashed.filter((kind) => kind === 'token')).toHaveLength(1)
  })
})

describe('a fault', () => {
  it('of the sink reaches the counter, and nobody else', () => {
    const broken = new Error('disk')
    const { faults, recorder } = startRecording({
      sink: {
        origin: 'x',
        append() {
          throw broken
        },
      },
    })
    recorder.recordRequest(requestWith())
    expect(faults).toStrictEqual([broken])
  })

  it('of the counter reaches nobody', () => {
    const { recorder } = startRecording({
      pseudonyms: {
        ...pseudonyms,
        pseudonymOf() {
          throw new Error('key')
        },
      },
      onFault() {
        throw new Error('counter')
      },
    })
    expect(() => recorder.recordRequest(verified())).not.toThrow()
    expect(recorder.stamp(verified())).toBeUndefined()
  })
})

describe('claims that an introspection answers', () => {
  it('are read anew each time, for they may change', () => {
    const introspected = (scope: string): RequestFacts =>
      requestWith({ verified: verifiedWith({ ...CLAIMS, scope }, { method: 'introspection' }) })
    const { records } = record(introspected('a'), introspected('b'))
    const scopes = records
      .filter(({ type }) => type === 'oauth.request')
      .map(({ attributes }) => attributes['oauth.token.scopes'])
    expect(scopes).toStrictEqual([['a'], ['b']])
  })
})

describe('whatever the facts are', () => {
  const claims: fc.Arbitrary<VerifiedClaims> = fc.dictionary(
    fc.constantFrom(
      'iss',
      'sub',
      'client_id',
      'scope',
      'sid',
      'auth_time',
      'exp',
      'act',
      'cnf',
      'aud',
    ),
    fc.oneof(fc.anything(), anyText),
  )
  const facts: fc.Arbitrary<RequestFacts> = fc.record(
    {
      time: anyText,
      method: anyText,
      route: anyText,
      path: anyText,
      statusCode: fc.oneof(fc.integer(), fc.constantFrom(200, 401, 403, 400, 500)),
      complete: fc.boolean(),
      clientAddress: anyText,
      userAgent: anyText,
      fapiInteractionId: anyText,
      trace: anyText,
      span: anyText,
      token: fc.constantFrom(TOKEN, OTHER_TOKEN, ''),
      scheme: fc.constantFrom('bearer', 'dpop', 'basic'),
      verified: fc.record({
        token: fc.constantFrom(TOKEN, OTHER_TOKEN),
        method: fc.constantFrom('jwt' as const, 'introspection' as const, 'lookup' as const),
        hook: fc.constant('jose.jwtVerify'),
        claims,
        keyId: anyText,
      }),
      rejection: fc.record(
        {
          token: fc.constantFrom(TOKEN, OTHER_TOKEN),
          reason: fc.constantFrom('expired' as const, 'unknown' as const, 'missing' as const),
          hook: fc.constant('jose.jwtVerify'),
          errorCode: anyText,
          provenClaims: claims,
          keyId: anyText,
          algorithm: anyText,
        },
        { requiredKeys: ['reason', 'hook'] },
      ),
      challenges: fc.array(
        fc.record(
          {
            scheme: fc.constantFrom('bearer', 'dpop', 'basic'),
            error: fc.oneof(anyText, fc.constantFrom('invalid_token', 'insufficient_scope')),
            scopes: fc.array(anyText),
          },
          { requiredKeys: ['scheme'] },
        ),
      ),
    },
    { requiredKeys: ['time', 'method', 'complete'] },
  )

  it('records hold only what the registry lists for their event, and never the token', () => {
    fc.assert(
      fc.property(facts, (facts) => {
        const { records } = record(facts)
        for (const { attributes, type } of records) {
          const definition: EventDefinition = EVENTS[type as keyof typeof EVENTS]
          const listed = [...definition.requiredAttributes, ...definition.optionalAttributes]
          for (const name of Object.keys(attributes)) {
            expect(listed).toContain(name)
            expect(ATTRIBUTES).toHaveProperty([name])
          }
        }
        const written = JSON.stringify(records)
        for (const token of [TOKEN, OTHER_TOKEN]) expect(written).not.toContain(token)
      }),
      { numRuns: 500 },
    )
  })
})
