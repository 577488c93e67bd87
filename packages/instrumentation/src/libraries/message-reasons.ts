import type { RejectionReason } from '@tokentrail/session'
import { messageMatches } from './foreign-error.ts'

/** Reasons by the words of a message, for libraries that tell causes apart by nothing else. */
export type MessageReasons = readonly (readonly [RegExp, RejectionReason])[]

/** The reason of the first pattern that the error's message matches. The message goes nowhere. */
export function reasonOfMessage(
  error: unknown,
  reasons: MessageReasons,
): RejectionReason | undefined {
  return reasons.find(([pattern]) => messageMatches(error, pattern))?.[1]
}
