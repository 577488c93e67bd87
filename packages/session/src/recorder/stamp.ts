import {
  ATTR_OAUTH_CLIENT_ID,
  ATTR_OAUTH_DECISION,
  ATTR_OAUTH_REJECTION_REASON,
  ATTR_OAUTH_SESSION_ID,
  ATTR_OAUTH_TOKEN_SCOPES,
  ATTR_OAUTH_TOKEN_SUBJECT,
} from '@tokentrail/semantic-conventions'
import type { RequestFacts, StampAttributes } from '../facts.ts'
import { judge } from '../request/judge.ts'
import type { TokenFacts } from '../token/token-facts.ts'
import type { TokenBearing } from '../token/token-reader.ts'

/**
 * What is known of a request when it is stamped: its token's part at any time, and the response's
 * once there is one.
 */
export type StampFacts = TokenBearing &
  Partial<Pick<RequestFacts, 'statusCode' | 'complete' | 'challenges'>>

/**
 * Builds the attributes for spans and log records; undefined when there is nothing to say. The
 * decision is among them only when the response is known.
 */
export function buildStamp(
  facts: StampFacts,
  token: TokenFacts | undefined,
): StampAttributes | undefined {
  const stamp: Record<string, string | readonly string[]> = {}
  if (token !== undefined) {
    stamp[ATTR_OAUTH_SESSION_ID] = token.session.key
    if (token.clientId !== undefined) stamp[ATTR_OAUTH_CLIENT_ID] = token.clientId
    if (token.subject !== undefined) stamp[ATTR_OAUTH_TOKEN_SUBJECT] = token.subject
    if (token.scopes !== undefined) stamp[ATTR_OAUTH_TOKEN_SCOPES] = token.scopes
  }
  const judgement = facts.statusCode === undefined ? undefined : judge(facts)
  if (judgement !== undefined) {
    stamp[ATTR_OAUTH_DECISION] = judgement.decision
    if (judgement.decision === 'deny') stamp[ATTR_OAUTH_REJECTION_REASON] = judgement.reason
  }
  return token === undefined && judgement === undefined ? undefined : stamp
}
