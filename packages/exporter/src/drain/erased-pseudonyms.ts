import { EVENT_TOKENTRAIL_SUBJECT_ERASED } from '@tokentrail/semantic-conventions'

/**
 * Returns the pseudonyms that a `tokentrail.subject.erased` record names; none for another record.
 * Its signature is not looked at: leaving an identity out of a replay costs no evidence.
 */
export function erasedPseudonyms(text: string): readonly string[] {
  if (!text.includes(EVENT_TOKENTRAIL_SUBJECT_ERASED)) return []
  const { type, pseudonyms } = JSON.parse(text) as Record<string, unknown>
  if (type !== EVENT_TOKENTRAIL_SUBJECT_ERASED || !Array.isArray(pseudonyms)) return []
  return pseudonyms.filter((pseudonym) => typeof pseudonym === 'string')
}
