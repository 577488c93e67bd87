import type { RejectionReason } from '@tokentrail/semantic-conventions'
import type { Challenge, RequestFacts } from '../facts.ts'
import { findBindingFault } from './binding.ts'
import { reasonOfCode } from './reason-of-code.ts'

/** What became of a request. */
export type Judgement =
  | { readonly decision: 'allow' }
  | {
      readonly decision: 'deny'
      readonly reason: RejectionReason
      /** Error code as sent (challenge), else of the library's error object. */
      readonly errorCode?: string
      /** Scopes that the guard or the challenge demands. */
      readonly requiredScopes?: readonly string[]
      /** Whether nobody but the recorder's own verification told the reason. */
      readonly foundByRecorder?: true
    }

/** What a request is judged by. */
export type JudgedFacts = Pick<
  RequestFacts,
  | 'token'
  | 'scheme'
  | 'verified'
  | 'rejection'
  | 'finding'
  | 'challenges'
  | 'statusCode'
  | 'dpopProof'
  | 'clientCertificate'
>

/** Schemes whose challenge is about a token (RFC 6750, RFC 9449). */
const TOKEN_SCHEMES: ReadonlySet<string> = new Set(['bearer', 'dpop'])

/** Ways to present a token: those schemes, and the query parameter of RFC 6750 §2.3. */
const PRESENTATIONS: ReadonlySet<string> = new Set([...TOKEN_SCHEMES, 'query'])

/** Characters of an error code (RFC 6750 §3.1 allows more; no registered code has them). */
const ERROR_CODE = /^[A-Za-z0-9_.:/-]{1,64}$/

/** Failures of reading or verifying a token, which a later success of the same request overrules. */
const VERIFICATION_FAILURES: ReadonlySet<RejectionReason> = new Set<RejectionReason>([
  'missing',
  'malformed',
  'bad_signature',
  'key_not_found',
  'algorithm_not_allowed',
  'verifier_unavailable',
  'unknown',
])

/** Reasons that say no more than "refused": a challenge may know better. */
const GENERIC: ReadonlySet<RejectionReason> = new Set<RejectionReason>(['unknown', 'policy_denied'])

/**
 * Decides what became of a request, from its facts alone. Undefined: neither a token nor a demand
 * for one, so it leaves no record.
 *
 * - The response decides: what was answered below 400 was not refused, whatever a hook said.
 * - 401 and 403 refuse when a token was presented, demanded by a Bearer or DPoP challenge, or
 *   rejected by a hook; 400 when such a challenge names an error (RFC 6750 §3.1).
 * - Any other failure, and a connection that ended before any answer, refuses only where a hook
 *   rejected the token and was not overruled.
 * - The first hook's reason beats the challenge, unless it is generic; a failed verification that
 *   another hook overruled is no reason. What the recorder itself verified overrules nobody: it is
 *   the application that refused.
 * - 401 for a verified token that is bound to a key which the request did not prove names that.
 * - Where all of that tells no more than "refused", what the recorder found is the reason.
 */
export function judge(facts: JudgedFacts): Judgement | undefined {
  const presented = requestToken(facts) !== undefined
  const challenge = tokenChallenge(facts.challenges)
  const rejected = rejectionReason(facts)
  if (!isDenied(facts.statusCode, presented, challenge, rejected)) {
    return presented ? { decision: 'allow' } : undefined
  }
  const errorCode = errorCodeOf(facts, challenge)
  const requiredScopes = requiredScopesOf(facts, challenge)
  return {
    decision: 'deny',
    ...withFinding(facts, reasonOf(facts, presented, challenge, rejected)),
    ...(errorCode === undefined ? {} : { errorCode }),
    ...(requiredScopes === undefined ? {} : { requiredScopes }),
  }
}

function withFinding(
  facts: JudgedFacts,
  reason: RejectionReason,
): { readonly reason: RejectionReason; readonly foundByRecorder?: true } {
  const { finding } = facts
  if (finding === undefined || !isLessThan(reason, finding.reason)) return { reason }
  if (finding.token !== requestToken(facts)) return { reason }
  return { reason: finding.reason, foundByRecorder: true }
}

/** Whether the reason found says more: "refused" says nothing, an invalid proof not what is wrong. */
function isLessThan(reason: RejectionReason, found: RejectionReason): boolean {
  return GENERIC.has(reason) || (reason === 'proof_invalid' && found === 'proof_replayed')
}

function requiredScopesOf(
  { rejection }: JudgedFacts,
  challenge: Challenge | undefined,
): readonly string[] | undefined {
  const scopes = rejection?.requiredScopes ?? challenge?.scopes
  return scopes === undefined || scopes.length === 0 ? undefined : scopes
}

/**
 * Gives the token that a request is judged by: that of the `Authorization` header or the query if
 * it was presented as one, else the one that a hook saw elsewhere. Never recorded.
 */
export function requestToken(
  facts: Pick<RequestFacts, 'token' | 'scheme' | 'verified' | 'rejection'>,
): string | undefined {
  const { rejection, scheme, token, verified } = facts
  if (token && (scheme === undefined || PRESENTATIONS.has(scheme))) return token
  return verified?.token || rejection?.token || undefined
}

function tokenChallenge(challenges: readonly Challenge[] = []): Challenge | undefined {
  const ours = challenges.filter(({ scheme }) => TOKEN_SCHEMES.has(scheme))
  return ours.find(({ error }) => error !== undefined) ?? ours[0]
}

/** The hook's reason, if the hook spoke of the request's own token and was not overruled. */
function rejectionReason(facts: JudgedFacts): RejectionReason | undefined {
  const { rejection, verified } = facts
  if (rejection === undefined) return undefined
  const token = requestToken(facts)
  if (rejection.token && rejection.token !== token) return undefined
  const overruled =
    verified !== undefined && verified.token === token && verified.method !== 'recorder'
  return overruled && VERIFICATION_FAILURES.has(rejection.reason) ? undefined : rejection.reason
}

function isDenied(
  statusCode: number | undefined,
  presented: boolean,
  challenge: Challenge | undefined,
  rejected: RejectionReason | undefined,
): boolean {
  if (statusCode === undefined) return rejected !== undefined
  if (statusCode === 401 || statusCode === 403) {
    return presented || challenge !== undefined || rejected !== undefined
  }
  if (statusCode < 400) return false
  if (statusCode === 400 && challenge?.error !== undefined) return true
  return rejected !== undefined
}

function reasonOf(
  facts: JudgedFacts,
  presented: boolean,
  challenge: Challenge | undefined,
  rejected: RejectionReason | undefined,
): RejectionReason {
  const challenged = challengeReason(presented, challenge)
  if (rejected !== undefined && !GENERIC.has(rejected)) return rejected
  if (challenged !== undefined && challenged !== 'unknown') return challenged
  const fault = facts.statusCode === 401 ? findBindingFault(facts) : undefined
  if (fault !== undefined) return fault
  const forbidden = facts.statusCode === 403 && challenge?.error === undefined
  return rejected ?? (forbidden ? 'policy_denied' : 'unknown')
}

function challengeReason(
  presented: boolean,
  challenge: Challenge | undefined,
): RejectionReason | undefined {
  if (challenge === undefined) return undefined
  const { error } = challenge
  // Without a token the demand itself is the reason; some libraries answer it with an error code.
  const demand = error === undefined || error === 'invalid_request' || error === 'invalid_token'
  if (!presented && demand) return 'missing'
  return error === undefined ? undefined : reasonOfCode(error)
}

function errorCodeOf(
  { rejection }: JudgedFacts,
  challenge: Challenge | undefined,
): string | undefined {
  const code = challenge?.error ?? rejection?.errorCode
  return code !== undefined && isErrorCode(code) ? code : undefined
}

/** Whether a text may be recorded as an error code: none of its characters forges a line. */
export function isErrorCode(code: string): boolean {
  return ERROR_CODE.test(code)
}
