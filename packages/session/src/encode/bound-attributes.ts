import {
  ATTR_CLIENT_ADDRESS,
  ATTR_COMPLIANCE_FRAMEWORK,
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_OAUTH_ACTOR_CHAIN,
  ATTR_OAUTH_ACTOR_CLIENT_ID,
  ATTR_OAUTH_ACTOR_SUBJECT,
  ATTR_OAUTH_AUTHENTICATION_CONTEXT_CLASS,
  ATTR_OAUTH_AUTHENTICATION_METHODS,
  ATTR_OAUTH_AUTHORIZATION_DETAILS_TYPES,
  ATTR_OAUTH_CLIENT_ID,
  ATTR_OAUTH_DECISION,
  ATTR_OAUTH_ERROR_CODE,
  ATTR_OAUTH_GRANT_TYPE,
  ATTR_OAUTH_ISSUER,
  ATTR_OAUTH_MISSING_SCOPES,
  ATTR_OAUTH_REJECTION_REASON,
  ATTR_OAUTH_REQUIRED_SCOPES,
  ATTR_OAUTH_SESSION_DERIVED,
  ATTR_OAUTH_SESSION_END_REASON,
  ATTR_OAUTH_SESSION_FIRST_SEEN,
  ATTR_OAUTH_SESSION_START_REASON,
  ATTR_OAUTH_TENANT_ID,
  ATTR_OAUTH_TOKEN_AUDIENCES,
  ATTR_OAUTH_TOKEN_FINGERPRINT,
  ATTR_OAUTH_TOKEN_ID,
  ATTR_OAUTH_TOKEN_KEY_ID,
  ATTR_OAUTH_TOKEN_SCOPES,
  ATTR_OAUTH_TOKEN_SUBJECT,
  ATTR_OAUTH_TOKEN_TYPE,
  ATTR_OAUTH_VALIDATION_METHOD,
  ATTR_TOKENTRAIL_SESSION_RECORD_IDS,
  ATTR_TOKENTRAIL_TRUNCATED,
  ATTR_URL_PATH,
  ATTR_USER_AGENT_ORIGINAL,
  ATTR_USER_HASH,
  ATTR_USER_ROLES,
} from '@tokentrail/semantic-conventions'
import { MAX_ARRAY_ELEMENTS, MAX_STRING_BYTES } from '../bounds.ts'
import type { Attributes, AttributeValue } from '../record.ts'
import { cutUtf8, utf8Length } from '../utf8.ts'

/**
 * What goes first when a record is too large, in this order; before all of it, whatever the
 * registry of requests and tokens does not name, from the last name to the first. What is not here
 * and not unknown stays: it is small, and says what happened and to which token.
 */
const DROPPED_FIRST: readonly string[] = [
  ATTR_USER_ROLES,
  ATTR_OAUTH_AUTHORIZATION_DETAILS_TYPES,
  ATTR_OAUTH_ACTOR_CHAIN,
  ATTR_OAUTH_TOKEN_AUDIENCES,
  ATTR_TOKENTRAIL_SESSION_RECORD_IDS,
  ATTR_URL_PATH,
  ATTR_OAUTH_AUTHENTICATION_CONTEXT_CLASS,
  ATTR_OAUTH_AUTHENTICATION_METHODS,
  ATTR_OAUTH_MISSING_SCOPES,
  ATTR_OAUTH_REQUIRED_SCOPES,
  ATTR_OAUTH_TOKEN_KEY_ID,
  ATTR_OAUTH_TOKEN_ID,
  ATTR_OAUTH_TENANT_ID,
  ATTR_OAUTH_GRANT_TYPE,
  ATTR_OAUTH_ACTOR_CLIENT_ID,
  ATTR_OAUTH_ACTOR_SUBJECT,
  ATTR_USER_AGENT_ORIGINAL,
  ATTR_CLIENT_ADDRESS,
  ATTR_OAUTH_TOKEN_SCOPES,
  ATTR_OAUTH_ISSUER,
  ATTR_OAUTH_TOKEN_SUBJECT,
  ATTR_HTTP_ROUTE,
  ATTR_OAUTH_CLIENT_ID,
  ATTR_OAUTH_ERROR_CODE,
  ATTR_ERROR_TYPE,
  ATTR_COMPLIANCE_FRAMEWORK,
]

/** What no record is made shorter by leaving out: it decides the meaning or the join. */
const KEPT: ReadonlySet<string> = new Set([
  ATTR_TOKENTRAIL_TRUNCATED,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_OAUTH_DECISION,
  ATTR_OAUTH_REJECTION_REASON,
  ATTR_OAUTH_SESSION_DERIVED,
  ATTR_OAUTH_SESSION_END_REASON,
  ATTR_OAUTH_SESSION_FIRST_SEEN,
  ATTR_OAUTH_SESSION_START_REASON,
  ATTR_OAUTH_TOKEN_FINGERPRINT,
  ATTR_OAUTH_TOKEN_TYPE,
  ATTR_OAUTH_VALIDATION_METHOD,
  ATTR_USER_HASH,
])

/**
 * Brings attributes within bounds: every string well-formed and at most 1,024 bytes, every list at
 * most 64 elements, and the whole at most `maxBytes`; what was cut or left out is named in
 * `tokentrail.truncated`. The names come sorted.
 *
 * @param maxBytes - Bytes that the attributes may take in the canonical text.
 */
export function boundAttributes(attributes: Attributes, maxBytes: number): Attributes {
  const truncated = new Set<string>()
  const bounded = new Map<string, AttributeValue>()
  for (const name of Object.keys(attributes)) {
    const value = attributes[name]
    if (value === undefined) continue
    const cut = boundValue(value)
    bounded.set(name, cut.value)
    if (cut.cut) truncated.add(name)
  }
  dropUntil(bounded, truncated, maxBytes)
  if (truncated.size > 0) bounded.set(ATTR_TOKENTRAIL_TRUNCATED, namesOf(truncated))
  return Object.fromEntries([...bounded].sort(([one], [other]) => (one < other ? -1 : 1)))
}

function boundValue(value: AttributeValue): { value: AttributeValue; cut: boolean } {
  if (typeof value === 'string') return boundString(value)
  if (typeof value !== 'object') return { value, cut: false }
  const elements = value.slice(0, MAX_ARRAY_ELEMENTS).map(boundString)
  return {
    value: elements.map((element) => element.value),
    cut: value.length > MAX_ARRAY_ELEMENTS || elements.some((element) => element.cut),
  }
}

function boundString(text: string): { value: string; cut: boolean } {
  const wellFormed = text.toWellFormed()
  const value = cutUtf8(wellFormed, MAX_STRING_BYTES)
  return { value, cut: value.length < wellFormed.length }
}

function dropUntil(
  bounded: Map<string, AttributeValue>,
  truncated: Set<string>,
  maxBytes: number,
): void {
  const listed = new Set(DROPPED_FIRST)
  const unlisted = [...bounded.keys()].filter((name) => !listed.has(name) && !KEPT.has(name))
  let bytes = sizeOf(bounded)
  for (const name of [...unlisted.sort().toReversed(), ...DROPPED_FIRST]) {
    if (bytes + sizeOf(new Map([[ATTR_TOKENTRAIL_TRUNCATED, namesOf(truncated)]])) <= maxBytes)
      return
    const value = bounded.get(name)
    if (value === undefined) continue
    bytes -= sizeOf(new Map([[name, value]]))
    bounded.delete(name)
    truncated.add(name)
  }
}

/** The names stand for themselves: sorted, and bounded like any other list. */
function namesOf(truncated: ReadonlySet<string>): readonly string[] {
  return [...truncated].sort().slice(0, MAX_ARRAY_ELEMENTS)
}

function sizeOf(attributes: ReadonlyMap<string, AttributeValue>): number {
  let bytes = 0
  for (const [name, value] of attributes) bytes += utf8Length(JSON.stringify([name, value]))
  return bytes
}
