import {
  ATTR_CLIENT_ADDRESS,
  ATTR_COMPLIANCE_FRAMEWORK,
  ATTR_OAUTH_REJECTION_REASON,
  ATTR_TOKENTRAIL_AGGREGATE_COUNT,
  ATTR_TOKENTRAIL_AGGREGATE_FROM,
  ATTR_TOKENTRAIL_AGGREGATE_TO,
  EVENT_OAUTH_REQUEST_REJECTED_AGGREGATE,
} from '@tokentrail/semantic-conventions'
import type { RecordDraft } from '../record.ts'
import type { AttributeBag } from '../token/token-attributes.ts'
import type { RejectionCount } from './rejection-counts.ts'

/**
 * Drafts the record that stands for rejections which got none of their own.
 *
 * @param address - The source as the evidence names it; undefined for sources beyond the bound.
 */
export function buildAggregateDraft(
  { count, frameworks, from, reason, to }: RejectionCount,
  address: string | undefined,
): RecordDraft {
  const bag: AttributeBag = {
    [ATTR_OAUTH_REJECTION_REASON]: reason,
    [ATTR_TOKENTRAIL_AGGREGATE_COUNT]: count,
    [ATTR_TOKENTRAIL_AGGREGATE_FROM]: from,
    [ATTR_TOKENTRAIL_AGGREGATE_TO]: to,
  }
  if (address !== undefined) bag[ATTR_CLIENT_ADDRESS] = address
  if (frameworks.length > 0) bag[ATTR_COMPLIANCE_FRAMEWORK] = frameworks
  return { type: EVENT_OAUTH_REQUEST_REJECTED_AGGREGATE, time: to, attributes: bag }
}
