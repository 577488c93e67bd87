import type { Pseudonymizer } from '../pseudonym.ts'

/** Most segments that are kept; the rest of a longer path becomes `...`. */
const MAX_SEGMENTS = 32

/** Longest word of a segment that is still taken for a name. */
const MAX_WORD = 24

const WORDS = /^[A-Za-z][A-Za-z0-9]*(?:[-_.][A-Za-z0-9]+)*$/

/**
 * Makes a path fit for a record, where there is no route template. A segment stays only when it
 * reads like a name that a programmer gave (`v1`, `order-items`, `index.html`) or is a number of up
 * to four digits; everything else (a UUID, a long number, an e-mail address, anything like base64,
 * anything percent-encoded) may be personal or a credential and becomes `~` and its pseudonym of
 * kind `path`. The query string never stays.
 *
 * @param path - May carry a query string or fragment.
 */
export function redactPath(path: string, pseudonyms: Pseudonymizer): string {
  const [bare = ''] = path.split(/[?#]/, 1)
  const segments = bare.split('/', MAX_SEGMENTS + 2)
  const kept = segments
    .slice(0, MAX_SEGMENTS + 1)
    .map((segment) =>
      isName(segment) ? segment : `~${pseudonyms.pseudonymOf('path', '', segment)}`,
    )
  if (segments.length > MAX_SEGMENTS + 1) kept.push('...')
  return kept.join('/')
}

function isName(segment: string): boolean {
  if (segment === '' || /^[0-9]{1,4}$/.test(segment)) return true
  if (segment.length > 64 || !WORDS.test(segment)) return false
  return (
    segment.split(/[-_.]/).every((word) => word.length <= MAX_WORD) &&
    segment.replace(/[^0-9]/g, '').length <= 4 &&
    countChanges(segment, /[0-9](?=[A-Za-z])|[A-Za-z](?=[0-9])/g) <= 2 &&
    countChanges(segment, /[a-z](?=[A-Z])/g) <= 4
  )
}

/** Random text changes between digits, capitals and small letters far more often than a name does. */
function countChanges(segment: string, change: RegExp): number {
  return segment.match(change)?.length ?? 0
}
