import {
  ATTR_OAUTH_CLIENT_ID,
  ATTR_OAUTH_DECISION,
  ATTR_OAUTH_ERROR_CODE,
  ATTR_OAUTH_REJECTION_REASON,
  ATTR_OAUTH_REQUIRED_SCOPES,
  ATTR_OAUTH_SESSION_ID,
  ATTR_OAUTH_TOKEN_SUBJECT,
  ATTR_USER_HASH,
} from '@tokentrail/semantic-conventions'
import type { RequestFacts, StampAttributes } from '../facts.ts'
import { judge, type Judgement } from '../request/judge.ts'
import { type AttributeBag, setAttribute } from '../token/token-attributes.ts'
import type { TokenFacts } from '../token/token-facts.ts'
import type { TokenBearing } from '../token/token-reader.ts'

/**
 * What is known of a request when it is stamped: its token's part at any time, and the response's
 * once there is one.
 */
export type StampFacts = TokenBearing &
  Partial<Pick<RequestFacts, 'statusCode' | 'complete' | 'challenges'>>

/** The part of a stamp that says who: every span and log record of a request may carry it. */
const IDENTITY: readonly string[] = [
  ATTR_OAUTH_SESSION_ID,
  ATTR_OAUTH_CLIENT_ID,
  ATTR_OAUTH_TOKEN_SUBJECT,
  ATTR_USER_HASH,
]

/**
 * Builds the attributes for the span of a request: session, every fact of its verified token that
 * `oauth.token.observed` tells, and the decision once the response is known. Undefined when there
 * is nothing to say.
 */
export function buildStamp(
  facts: StampFacts,
  token: TokenFacts | undefined,
): StampAttributes | undefined {
  const judgement = facts.statusCode === undefined ? undefined : judge(facts)
  if (token === undefined && judgement === undefined) return undefined
  const stamp: AttributeBag = { ...token?.attributes }
  setAttribute(stamp, ATTR_OAUTH_SESSION_ID, token?.session.key)
  if (judgement !== undefined) setDecision(stamp, judgement)
  return stamp
}

/** Takes from a stamp the part that says who; undefined where it does not say. */
export function identityOfStamp(stamp: StampAttributes): StampAttributes | undefined {
  if (stamp[ATTR_OAUTH_SESSION_ID] === undefined) return undefined
  const identity: AttributeBag = {}
  for (const name of IDENTITY) setAttribute(identity, name, stamp[name])
  return identity
}

function setDecision(stamp: AttributeBag, judgement: Judgement): void {
  stamp[ATTR_OAUTH_DECISION] = judgement.decision
  if (judgement.decision === 'allow') return
  stamp[ATTR_OAUTH_REJECTION_REASON] = judgement.reason
  setAttribute(stamp, ATTR_OAUTH_ERROR_CODE, judgement.errorCode)
  setAttribute(stamp, ATTR_OAUTH_REQUIRED_SCOPES, judgement.requiredScopes)
}
