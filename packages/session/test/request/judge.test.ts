import { describe, expect, it } from 'vitest'
import { judge, type RejectionReason, type RequestFacts } from '../../src/index.ts'
import {
  anonymousWith,
  CLAIMS,
  OTHER_TOKEN,
  rejectionWith,
  requestWith,
  verifiedWith,
} from '../requests.ts'

const bearer = (
  error?: string,
  scopes?: readonly string[],
): NonNullable<RequestFacts['challenges']> => [
  { scheme: 'bearer', ...(error === undefined ? {} : { error }), ...(scopes ? { scopes } : {}) },
]
/** A refusal that does not say why, of a verified token that is bound. */
const refusedWith = (cnf: object, change: Partial<RequestFacts> = {}): RequestFacts =>
  requestWith({
    statusCode: 401,
    challenges: bearer('invalid_token'),
    verified: verifiedWith({ ...CLAIMS, cnf }),
    ...change,
  })
const { statusCode: _status, ...unanswered } = requestWith({
  complete: false,
  rejection: rejectionWith({}),
})
const reasonOf = (facts: RequestFacts): RejectionReason | 'allow' | undefined => {
  const judgement = judge(facts)
  return judgement?.decision === 'deny' ? judgement.reason : judgement?.decision
}

describe('a request leaves no record', () => {
  it.each<[string, RequestFacts]>([
    ['without token and refusal', anonymousWith({})],
    ['when a cookie login is missing', anonymousWith({ statusCode: 401 })],
    [
      'when another scheme is demanded',
      anonymousWith({ statusCode: 401, challenges: [{ scheme: 'basic' }] }),
    ],
    ['with a password', requestWith({ scheme: 'basic' })],
    ['with an empty token', requestWith({ token: '' })],
  ])('%s', (_, facts) => {
    expect(judge(facts)).toBeUndefined()
  })
})

describe('a request is allowed', () => {
  it.each<[string, RequestFacts]>([
    ['with a token that nobody looked at', requestWith()],
    ['with a token in the query', requestWith({ scheme: 'query' })],
    ['with a bound token sent as Bearer', refusedWith({ jkt: 'k' }, { statusCode: 200 })],
    ['with a verified one', requestWith({ verified: verifiedWith(CLAIMS) })],
    ['when it fails for its own reasons', requestWith({ statusCode: 500 })],
    ['when it is redirected', requestWith({ statusCode: 302, rejection: rejectionWith({}) })],
    [
      'when it was answered although a hook rejected the token',
      requestWith({ rejection: rejectionWith({}) }),
    ],
    [
      'when it broke off after verification',
      requestWith({ complete: false, verified: verifiedWith(CLAIMS) }),
    ],
    [
      'when a second key verified the token and the resource is missing',
      requestWith({
        statusCode: 404,
        verified: verifiedWith(CLAIMS),
        rejection: rejectionWith({ reason: 'bad_signature' }),
      }),
    ],
    [
      'when a hook rejected some other token',
      requestWith({
        statusCode: 404,
        rejection: rejectionWith({ token: OTHER_TOKEN }),
      }),
    ],
  ])('%s', (_, facts) => {
    expect(judge(facts)).toStrictEqual({ decision: 'allow' })
  })
})

describe('the reason of a refusal', () => {
  it.each<[RejectionReason, string, RequestFacts]>([
    [
      'missing',
      '401 with a demand and no token',
      anonymousWith({ statusCode: 401, challenges: bearer() }),
    ],
    [
      'missing',
      'a demand that names an error although there is no token',
      anonymousWith({ statusCode: 401, challenges: bearer('invalid_request') }),
    ],
    [
      'missing',
      'a hook that found none',
      anonymousWith({ statusCode: 401, rejection: { reason: 'missing', hook: 'x' } }),
    ],
    [
      'nonce_required',
      'the demand for a nonce',
      anonymousWith({ statusCode: 401, challenges: [{ scheme: 'dpop', error: 'use_dpop_nonce' }] }),
    ],
    ['unknown', '401 without a challenge', requestWith({ statusCode: 401 })],
    [
      'expired',
      'a hook, for a token in the query',
      requestWith({ statusCode: 401, scheme: 'query', rejection: rejectionWith({}) }),
    ],
    ['binding_mismatch', 'a DPoP token sent as Bearer', refusedWith({ jkt: 'k' })],
    [
      'binding_mismatch',
      'a DPoP token in the query',
      refusedWith({ jkt: 'k' }, { scheme: 'query' }),
    ],
    [
      'proof_invalid',
      'a DPoP token without a proof',
      refusedWith({ jkt: 'k' }, { scheme: 'dpop' }),
    ],
    [
      'unknown',
      'a DPoP token with a proof, which is not checked here',
      refusedWith({ jkt: 'k' }, { scheme: 'dpop', dpopProof: true }),
    ],
    [
      'binding_mismatch',
      'another client certificate',
      refusedWith({ 'x5t#S256': 'a' }, { clientCertificate: 'b' }),
    ],
    [
      'unknown',
      'the right client certificate',
      refusedWith({ 'x5t#S256': 'a' }, { clientCertificate: 'a' }),
    ],
    ['unknown', 'no client certificate, as behind a proxy', refusedWith({ 'x5t#S256': 'a' })],
    ['unknown', 'a binding of another kind', refusedWith({ jwk: {} })],
    [
      'policy_denied',
      '403 for a bound token sent as Bearer',
      refusedWith({ jkt: 'k' }, { statusCode: 403, challenges: bearer() }),
    ],
    [
      'unknown',
      '401 with a challenge without error',
      requestWith({ statusCode: 401, challenges: bearer() }),
    ],
    [
      'unknown',
      'invalid_token, which does not say why',
      requestWith({ statusCode: 401, challenges: bearer('invalid_token') }),
    ],
    [
      'unknown',
      'an error code nobody knows',
      requestWith({ statusCode: 403, challenges: bearer('because') }),
    ],
    [
      'policy_denied',
      '403 without a challenge',
      requestWith({ statusCode: 403, verified: verifiedWith(CLAIMS) }),
    ],
    [
      'policy_denied',
      '403 with a challenge without error',
      requestWith({ statusCode: 403, challenges: bearer() }),
    ],
    [
      'insufficient_scope',
      '403 with that error',
      requestWith({ statusCode: 403, challenges: bearer('insufficient_scope') }),
    ],
    [
      'insufficient_scope',
      'a challenge that knows better than the hook',
      requestWith({
        statusCode: 403,
        challenges: bearer('insufficient_scope'),
        rejection: rejectionWith({ reason: 'policy_denied' }),
      }),
    ],
    [
      'malformed',
      '400 with that error',
      requestWith({ statusCode: 400, challenges: bearer('invalid_request') }),
    ],
    [
      'insufficient_authentication',
      'step-up',
      requestWith({ statusCode: 401, challenges: bearer('insufficient_user_authentication') }),
    ],
    [
      'proof_invalid',
      'a DPoP proof that does not fit',
      requestWith({
        statusCode: 401,
        challenges: [{ scheme: 'bearer' }, { scheme: 'dpop', error: 'invalid_dpop_proof' }],
      }),
    ],
    [
      'expired',
      'a hook that says why, before the challenge',
      requestWith({
        statusCode: 401,
        challenges: bearer('invalid_token'),
        rejection: rejectionWith({}),
      }),
    ],
    [
      'expired',
      'a hook, when the application answered another failure',
      requestWith({ statusCode: 500, rejection: rejectionWith({}) }),
    ],
    [
      'verifier_unavailable',
      'keys that could not be reached',
      requestWith({
        statusCode: 503,
        rejection: rejectionWith({ reason: 'verifier_unavailable' }),
      }),
    ],
    ['expired', 'a hook, when the connection ended before any answer', unanswered],
    [
      'wrong_claim',
      'a check after verification',
      requestWith({
        statusCode: 401,
        verified: verifiedWith(CLAIMS),
        rejection: rejectionWith({ reason: 'wrong_claim' }),
      }),
    ],
    [
      'policy_denied',
      '403, when a failed first key was overruled',
      requestWith({
        statusCode: 403,
        verified: verifiedWith(CLAIMS),
        rejection: rejectionWith({ reason: 'bad_signature' }),
      }),
    ],
    [
      'bad_signature',
      'a hook, when another token was verified',
      requestWith({
        statusCode: 401,
        verified: verifiedWith(CLAIMS, { token: OTHER_TOKEN }),
        rejection: rejectionWith({ reason: 'bad_signature' }),
      }),
    ],
  ])('is %s for %s', (reason, _, facts) => {
    expect(reasonOf(facts)).toBe(reason)
  })
})

describe('what a refusal carries', () => {
  it('is the code of the challenge before that of the hook, and the scopes demanded', () => {
    const facts = requestWith({
      statusCode: 403,
      challenges: bearer('insufficient_scope', ['orders:delete']),
      rejection: rejectionWith({ reason: 'insufficient_scope', errorCode: 'other' }),
    })
    expect(judge(facts)).toStrictEqual({
      decision: 'deny',
      reason: 'insufficient_scope',
      errorCode: 'insufficient_scope',
      requiredScopes: ['orders:delete'],
    })
  })

  it('is no code that is none', () => {
    const facts = requestWith({ statusCode: 401, challenges: bearer('token (eyJ…) expired') })
    expect(judge(facts)).toStrictEqual({ decision: 'deny', reason: 'unknown' })
  })
})
