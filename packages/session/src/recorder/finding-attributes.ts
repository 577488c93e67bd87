import {
  ATTR_COMPLIANCE_FRAMEWORK,
  ATTR_OAUTH_REJECTION_REASON,
  ATTR_OAUTH_TOKEN_ALGORITHM,
  ATTR_OAUTH_TOKEN_FINGERPRINT,
  ATTR_OAUTH_TOKEN_KEY_ID,
  ATTR_OAUTH_TOKEN_TYPE,
  ATTR_OAUTH_VALIDATION_METHOD,
  ATTR_TOKENTRAIL_CAPTURE_HOOK,
} from '@tokentrail/semantic-conventions'
import type { TokenRejection } from '../facts.ts'
import type { Attributes } from '../record.ts'
import { type AttributeBag, headerFact, setAttribute } from '../token/token-attributes.ts'

/**
 * Builds what `oauth.token.observed` says of a token that the application accepted and the recorder
 * would not: why, and by which key it claims to be signed. It names nobody: whoever forges a token
 * writes its claims.
 *
 * @param fingerprint - Pseudonym of the whole token.
 */
export function buildFindingAttributes(
  finding: TokenRejection,
  fingerprint: string,
  frameworks: readonly string[],
): Attributes {
  const bag: AttributeBag = {
    [ATTR_OAUTH_REJECTION_REASON]: finding.reason,
    [ATTR_OAUTH_TOKEN_FINGERPRINT]: fingerprint,
    [ATTR_OAUTH_TOKEN_TYPE]: 'access_token',
    [ATTR_OAUTH_VALIDATION_METHOD]: 'recorder',
    [ATTR_TOKENTRAIL_CAPTURE_HOOK]: finding.hook,
  }
  if (frameworks.length > 0) bag[ATTR_COMPLIANCE_FRAMEWORK] = frameworks
  setAttribute(bag, ATTR_OAUTH_TOKEN_ALGORITHM, headerFact(finding.algorithm))
  setAttribute(bag, ATTR_OAUTH_TOKEN_KEY_ID, headerFact(finding.keyId))
  return bag
}
