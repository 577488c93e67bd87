import { describe, expect, it } from 'vitest'
import type { RequestFacts, TokenRejection } from '../../src/index.ts'
import { createTestPseudonymizer } from '../keyed.ts'
import { CLAIMS, OTHER_TOKEN, rejectionWith, requestWith, verifiedWith } from '../requests.ts'
import { type RecorderRig, START, startRecorder } from '../start-recorder.ts'
import { TOKEN } from '../requests.ts'

const FINGERPRINT = createTestPseudonymizer().pseudonymOf('token', '', TOKEN)
const verified = verifiedWith(CLAIMS, { method: 'recorder', hook: 'recorder.jwt' })
const OBSERVED = 'oauth.token.observed'

function findingWith(change: Partial<TokenRejection> = {}): TokenRejection {
  return rejectionWith({ reason: 'bad_signature', hook: 'recorder.jwt', ...change })
}

const typesOf = ({ sink }: RecorderRig): readonly string[] => sink.records.map(({ type }) => type)

describe('what the recorder verified itself', () => {
  it('in time, is the identity of the request', () => {
    const rig = startRecorder()
    rig.recorder.recordRequest(requestWith({ verified }))
    expect(typesOf(rig)).toEqual([OBSERVED, 'oauth.request'])
    expect(rig.sink.records[0]?.attributes).toMatchObject({
      'oauth.validation.method': 'recorder',
      'tokentrail.capture.hook': 'recorder.jwt',
    })
    expect(rig.sink.records[0]).not.toHaveProperty('observed')
    expect(rig.sink.records[1]?.session).toBe(rig.sink.records[0]?.session)
  })

  it('after the request, is joined to it by the fingerprint', () => {
    const rig = startRecorder()
    const facts = requestWith()
    rig.recorder.recordRequest(facts)
    rig.now = START + 500_000_000n
    rig.recorder.recordFinding({ ...facts, verified })
    expect(typesOf(rig)).toEqual(['oauth.request', OBSERVED])
    const [request, observed] = rig.sink.records
    expect(request).not.toHaveProperty('session')
    expect(observed).toMatchObject({ time: facts.time, observed: String(rig.now) })
    expect(observed?.session).toBe('HN9-ezVGtY1i9RZ08D9OAQ')
    for (const record of [request, observed]) {
      expect(record?.attributes?.['oauth.token.fingerprint']).toBe(FINGERPRINT)
    }
    expect(rig.sink.identities.map(({ kind }) => kind).sort()).toEqual([
      'address',
      'sid',
      'sub',
      'user_agent',
    ])
  })

  it('is told once per log', () => {
    const rig = startRecorder()
    for (let i = 0; i < 3; i += 1) rig.recorder.recordFinding(requestWith({ verified }))
    expect(typesOf(rig)).toEqual([OBSERVED])
  })

  it('overrules no refusal of the application, and says who was refused', () => {
    const rig = startRecorder()
    const rejection = rejectionWith({ reason: 'bad_signature' })
    rig.recorder.recordRequest(requestWith({ statusCode: 401, verified, rejection }))
    expect(rig.sink.records.at(-1)).toMatchObject({
      type: 'oauth.request.rejected',
      session: 'HN9-ezVGtY1i9RZ08D9OAQ',
      attributes: {
        'oauth.rejection.reason': 'bad_signature',
        'tokentrail.capture.hook': 'jose.jwtVerify',
      },
    })
  })
})

describe('a token that the recorder would not accept', () => {
  const bad = (change: Partial<RequestFacts> = {}): RequestFacts =>
    requestWith({ finding: findingWith({ keyId: 'k\n', algorithm: 'ES256' }), ...change })

  it('and the application does, is recorded as such and names nobody', () => {
    const rig = startRecorder()
    rig.recorder.recordRequest(bad())
    rig.recorder.recordRequest(bad())
    expect(typesOf(rig)).toEqual([OBSERVED, 'oauth.request', 'oauth.request'])
    expect(rig.sink.records[0]).not.toHaveProperty('session')
    expect(rig.sink.records[0]?.attributes).toEqual({
      'oauth.rejection.reason': 'bad_signature',
      'oauth.token.algorithm': 'ES256',
      'oauth.token.fingerprint': FINGERPRINT,
      'oauth.token.key.id': expect.not.stringContaining('\n'),
      'oauth.token.type': 'access_token',
      'oauth.validation.method': 'recorder',
      'tokentrail.capture.hook': 'recorder.jwt',
    })
    expect(rig.sink.records[1]?.attributes).not.toHaveProperty('user.hash')
    expect(rig.sink.records[1]?.attributes?.['oauth.decision']).toBe('allow')
  })

  it('names nobody even where its signature is good', () => {
    const rig = startRecorder()
    const finding = findingWith({ reason: 'expired', provenClaims: CLAIMS })
    rig.recorder.recordRequest(bad({ finding }))
    expect(JSON.stringify(rig.sink.records)).not.toContain('user.hash')
  })

  it('never turns an accepted request, or another failure, into a refusal', () => {
    const rig = startRecorder()
    rig.recorder.recordRequest(bad({ statusCode: 200 }))
    rig.recorder.recordRequest(bad({ statusCode: 404 }))
    rig.recorder.recordRequest(bad({ statusCode: 500 }))
    expect(typesOf(rig)).not.toContain('oauth.request.rejected')
  })

  it('is no finding about the token of this request where it is another', () => {
    const rig = startRecorder()
    rig.recorder.recordRequest(bad({ finding: findingWith({ token: OTHER_TOKEN }) }))
    expect(typesOf(rig)).toEqual(['oauth.request'])
  })

  it('is told of when the request is over, too', () => {
    const rig = startRecorder()
    rig.recorder.recordRequest(requestWith())
    rig.now = START + 1n
    rig.recorder.recordFinding(bad())
    expect(typesOf(rig)).toEqual(['oauth.request', OBSERVED])
    expect(rig.sink.records[1]?.observed).toBe(String(START + 1n))
  })

  it('gives the reason of a refusal for which nobody else has one', () => {
    const rig = startRecorder()
    const finding = findingWith({ reason: 'expired', provenClaims: CLAIMS })
    rig.recorder.recordRequest(bad({ statusCode: 401, finding }))
    expect(rig.sink.records).toHaveLength(1)
    expect(rig.sink.records[0]).toMatchObject({
      type: 'oauth.request.rejected',
      session: 'HN9-ezVGtY1i9RZ08D9OAQ',
      attributes: {
        'oauth.rejection.reason': 'expired',
        'tokentrail.capture.hook': 'recorder.jwt',
        'user.hash': 'HVH65NCLXG4clOzOQjqOMw',
      },
    })
  })

  it('gives no reason against that of the application, or about another token', () => {
    const reasonOf = (change: Partial<RequestFacts>): unknown => {
      const rig = startRecorder()
      rig.recorder.recordRequest(bad({ statusCode: 401, ...change }))
      return rig.sink.records.at(-1)?.attributes?.['oauth.rejection.reason']
    }
    expect(reasonOf({ rejection: rejectionWith({ reason: 'wrong_audience' }) })).toBe(
      'wrong_audience',
    )
    expect(reasonOf({ finding: findingWith({ token: OTHER_TOKEN }) })).toBe('unknown')
  })

  it('and the application neither, is no news when the request is over', () => {
    const rig = startRecorder()
    rig.recorder.recordFinding(bad({ statusCode: 401 }))
    expect(rig.sink.records).toEqual([])
  })
})

describe('scopes that a guard demanded', () => {
  it('are recorded with those that are missing, before those of the challenge', () => {
    const rig = startRecorder()
    rig.recorder.recordRequest(
      requestWith({
        statusCode: 403,
        verified: verifiedWith(CLAIMS),
        rejection: rejectionWith({
          reason: 'insufficient_scope',
          requiredScopes: ['orders:read', 'orders:delete'],
        }),
        challenges: [{ scheme: 'bearer', error: 'insufficient_scope', scopes: ['other'] }],
      }),
    )
    expect(rig.sink.records.at(-1)?.attributes).toMatchObject({
      'oauth.required_scopes': ['orders:read', 'orders:delete'],
      'oauth.missing_scopes': ['orders:delete'],
    })
  })
})
