import type { UnreadableParts } from '../unreadable-parts.ts'
import { escapeUnprintable } from './unprintable.ts'

const MAX_SHOWN = 10

/** Formats what could not be read, one line each and at most ten, then how many more there are. */
export function formatUnreadable({ kept, count }: UnreadableParts): readonly string[] {
  const shown = kept
    .slice(0, MAX_SHOWN)
    .map(({ file, line, reason }) => escapeUnprintable(`${file}, line ${line}: ${reason}`))
  return count > shown.length
    ? [...shown, `and ${count - shown.length} more parts that cannot be read`]
    : shown
}
