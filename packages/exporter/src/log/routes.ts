import { ATTR_COMPLIANCE_FRAMEWORK } from '@tokentrail/semantic-conventions'
import type { RecordDraft } from '@tokentrail/session'

/** What every route gets: without these records a copy of a log does not verify. */
const EVERYWHERE = /^tokentrail\.(?:log|recorder|journal|delivery|policy)\./

/** Tells whether records of this type say something about the log itself, not about a request. */
export function isAboutLog(type: string): boolean {
  return type.startsWith('tokentrail.') && EVERYWHERE.test(type)
}

/** What a checkpoint says of a record that goes to every route. */
export const EVERY_ROUTE: readonly string[] = ['*']
const DEFAULT_ROUTE: readonly string[] = []

/**
 * Returns the routes that a record belongs to, as a checkpoint states them: `['*']` for events
 * about the log itself, else the frameworks of its policy, else `[]`, the default route.
 */
export function routesOf(draft: RecordDraft): readonly string[] {
  const frameworks = draft.attributes?.[ATTR_COMPLIANCE_FRAMEWORK]
  if (Array.isArray(frameworks)) return frameworks as readonly string[]
  return isAboutLog(draft.type) ? EVERY_ROUTE : DEFAULT_ROUTE
}
