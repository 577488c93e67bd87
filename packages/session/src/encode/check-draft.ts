import { MAX_NAME_LENGTH, MAX_SESSION_LENGTH, NAME, UNIX_NANOS } from '../bounds.ts'
import { SessionError } from '../errors.ts'
import { isAttributeName } from './fragment.ts'
import type { RecordDraft } from '../record.ts'
import { isSpanId, isTraceId } from '../request/trace-context.ts'

/** Members that the layout itself names; a draft's own members may not be called so. */
export const LAYOUT: ReadonlySet<string> = new Set([
  'v',
  'log',
  'index',
  'type',
  'time',
  'observed',
  'session',
  'trace',
  'span',
  'attributes',
])

/** Names of a record's own members. */
export const MEMBER: RegExp = /^[a-z][A-Za-z0-9]{0,63}$/

/**
 * Checks a draft before it is encoded.
 *
 * @throws {@link SessionError} `ERR_SESSION_DRAFT_INVALID`, naming the member and what it must be.
 */
export function checkDraft(draft: RecordDraft): void {
  const { attributes, members, observed, session, span, time, trace, type } = draft
  if (typeof type !== 'string' || type.length > MAX_NAME_LENGTH || !NAME.test(type)) {
    throw invalid('type', 'an event name in lower case with dots')
  }
  if (!UNIX_NANOS.test(time)) throw invalid('time', 'nanoseconds since 1970, decimal')
  if (observed !== undefined && !UNIX_NANOS.test(observed)) {
    throw invalid('observed', 'nanoseconds since 1970, decimal')
  }
  if (session !== undefined && (session === '' || session.length > MAX_SESSION_LENGTH)) {
    throw invalid('session', `a string of 1 to ${MAX_SESSION_LENGTH} characters`)
  }
  if (trace !== undefined && !isTraceId(trace)) throw invalid('trace', '32 hex digits')
  if (span !== undefined && !isSpanId(span)) throw invalid('span', '16 hex digits')
  for (const name of Object.keys(attributes ?? {})) checkAttribute(name, attributes?.[name])
  for (const name of Object.keys(members ?? {})) {
    if (LAYOUT.has(name) || !MEMBER.test(name)) {
      throw invalid('members', 'named in camelCase, and unlike the members of every record')
    }
  }
}

function checkAttribute(name: string, value: unknown): void {
  if (!isAttributeName(name)) {
    throw invalid('attributes', 'named in lower case with dots, and not like what the encoder adds')
  }
  if (typeof value === 'string' || typeof value === 'boolean') return
  if (Number.isSafeInteger(value)) return
  if (Array.isArray(value) && value.every((element) => typeof element === 'string')) return
  throw invalid(`attributes.${name}`, 'a string, a boolean, an integer or a list of strings')
}

function invalid(member: string, expected: string): SessionError {
  return new SessionError(
    'ERR_SESSION_DRAFT_INVALID',
    `record draft: "${member}" must be ${expected}`,
  )
}
