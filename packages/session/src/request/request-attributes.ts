import {
  ATTR_CLIENT_ADDRESS,
  ATTR_COMPLIANCE_FRAMEWORK,
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_OAUTH_CLIENT_ID,
  ATTR_OAUTH_DECISION,
  ATTR_OAUTH_ERROR_CODE,
  ATTR_OAUTH_FAPI_INTERACTION_ID,
  ATTR_OAUTH_MISSING_SCOPES,
  ATTR_OAUTH_REJECTION_REASON,
  ATTR_OAUTH_REQUIRED_SCOPES,
  ATTR_OAUTH_SESSION_FIRST_SEEN,
  ATTR_OAUTH_TOKEN_ALGORITHM,
  ATTR_OAUTH_TOKEN_FINGERPRINT,
  ATTR_OAUTH_TOKEN_KEY_ID,
  ATTR_OAUTH_TOKEN_SCOPES,
  ATTR_TOKENTRAIL_CAPTURE_HOOK,
  ATTR_TOKENTRAIL_RESPONSE_STREAMING,
  ATTR_URL_PATH,
  ATTR_USER_AGENT_NAME,
  ATTR_USER_AGENT_ORIGINAL,
  ATTR_USER_HASH,
} from '@tokentrail/semantic-conventions'
import type { RequestFacts } from '../facts.ts'
import type { Judgement } from './judge.ts'
import type { Pseudonymizer } from '../pseudonym.ts'
import type { Attributes } from '../record.ts'
import { redactPath } from './redact-path.ts'
import { type AttributeBag, headerFact, setAttribute } from '../token/token-attributes.ts'
import type { RequestToken } from '../token/token-reader.ts'

/** Everything that the attributes of a request record are made of. */
export interface RequestContext {
  readonly request: RequestFacts
  readonly judgement: Judgement
  readonly token: RequestToken | undefined
  readonly frameworks: readonly string[]
  /** Whether this is the first request of its session in this log. */
  readonly firstSeen: boolean
  /** Address as the evidence names it. */
  readonly address: string | undefined
  readonly userAgent: { readonly pseudonym: string; readonly family: string } | undefined
  readonly pseudonyms: Pseudonymizer
}

const METHOD = /^[A-Z][A-Z-]{0,31}$/
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/**
 * Builds the attributes of `oauth.request` and `oauth.request.rejected`: these names and no others.
 * They are set in the order of the canonical text, which spares the encoder a sort; that is why the
 * parts of who, what and why are interleaved.
 */
export function buildRequestAttributes(context: RequestContext): Attributes {
  const { address, firstSeen, frameworks, judgement, request, token, userAgent } = context
  const denial = judgement.decision === 'deny' ? judgement : undefined
  const refusal = request.rejection ?? request.finding
  const facts = token?.facts
  const bag: AttributeBag = {}
  setAttribute(bag, ATTR_CLIENT_ADDRESS, address)
  if (frameworks.length > 0) bag[ATTR_COMPLIANCE_FRAMEWORK] = frameworks
  setAttribute(bag, ATTR_ERROR_TYPE, errorType(request, judgement))
  bag[ATTR_HTTP_REQUEST_METHOD] = toMethod(request.method)
  setAttribute(bag, ATTR_HTTP_RESPONSE_STATUS_CODE, toStatus(request))
  setAttribute(bag, ATTR_HTTP_ROUTE, request.route)
  setAttribute(bag, ATTR_OAUTH_CLIENT_ID, facts?.clientId)
  bag[ATTR_OAUTH_DECISION] = judgement.decision
  setAttribute(bag, ATTR_OAUTH_ERROR_CODE, denial?.errorCode)
  setAttribute(bag, ATTR_OAUTH_FAPI_INTERACTION_ID, toInteractionId(request.fapiInteractionId))
  if (denial !== undefined) setDenial(bag, context, denial)
  if (firstSeen) bag[ATTR_OAUTH_SESSION_FIRST_SEEN] = true
  if (denial !== undefined && facts === undefined) {
    setAttribute(bag, ATTR_OAUTH_TOKEN_ALGORITHM, headerFact(refusal?.algorithm))
  }
  setAttribute(bag, ATTR_OAUTH_TOKEN_FINGERPRINT, token?.fingerprint)
  if (denial !== undefined && facts === undefined) {
    setAttribute(bag, ATTR_OAUTH_TOKEN_KEY_ID, headerFact(refusal?.keyId))
  }
  setAttribute(bag, ATTR_OAUTH_TOKEN_SCOPES, facts?.scopes)
  if (denial !== undefined) bag[ATTR_TOKENTRAIL_CAPTURE_HOOK] = hookOf(request, denial)
  if (request.streaming === true) bag[ATTR_TOKENTRAIL_RESPONSE_STREAMING] = true
  setAttribute(bag, ATTR_URL_PATH, toPath(context))
  setAttribute(bag, ATTR_USER_HASH, facts?.userHash)
  setAttribute(bag, ATTR_USER_AGENT_NAME, userAgent?.family)
  setAttribute(bag, ATTR_USER_AGENT_ORIGINAL, userAgent?.pseudonym)
  return bag
}

/** Who told the reason. */
function hookOf(
  { finding, rejection }: RequestFacts,
  { foundByRecorder }: Extract<Judgement, { decision: 'deny' }>,
): string {
  return (foundByRecorder === true ? finding?.hook : rejection?.hook) ?? 'http'
}

function setDenial(
  bag: AttributeBag,
  { token }: RequestContext,
  { reason, requiredScopes }: Extract<Judgement, { decision: 'deny' }>,
): void {
  const granted = token?.facts?.scopes
  if (reason === 'insufficient_scope' && requiredScopes !== undefined && granted !== undefined) {
    const missing = requiredScopes.filter((scope) => !granted.includes(scope))
    if (missing.length > 0) bag[ATTR_OAUTH_MISSING_SCOPES] = missing
  }
  bag[ATTR_OAUTH_REJECTION_REASON] = reason
  setAttribute(bag, ATTR_OAUTH_REQUIRED_SCOPES, requiredScopes)
}

/** Every failure has a type: the error code, else the status, else why it was refused. */
function errorType(request: RequestFacts, judgement: Judgement): string | undefined {
  const status = toStatus(request)
  if (judgement.decision === 'deny') {
    return judgement.errorCode ?? request.statusCode?.toString() ?? judgement.reason
  }
  return status !== undefined && status >= 400 ? String(status) : undefined
}

/** The status of an aborted response says nothing about the outcome: it stays unknown. */
export function toStatus({ complete, statusCode, streaming }: RequestFacts): number | undefined {
  const valid = statusCode !== undefined && statusCode >= 100 && statusCode <= 599
  return (complete || streaming === true) && valid && Number.isInteger(statusCode)
    ? statusCode
    : undefined
}

/** OpenTelemetry writes methods that it does not know as `_OTHER`. */
export function toMethod(method: string): string {
  return METHOD.test(method) ? method : '_OTHER'
}

/** Takes an interaction id of FAPI only if it is a UUID: anything else could forge a log line. */
export function toInteractionId(id: string | undefined): string | undefined {
  return id !== undefined && UUID.test(id) ? id : undefined
}

/** The path, where there is no route template. */
export function toPath({
  pseudonyms,
  request,
}: Pick<RequestContext, 'pseudonyms' | 'request'>): string | undefined {
  const { path, route } = request
  return route !== undefined || path === undefined ? undefined : redactPath(path, pseudonyms)
}
