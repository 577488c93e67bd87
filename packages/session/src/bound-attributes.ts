import { MAX_ARRAY_ELEMENTS, MAX_STRING_BYTES } from './bounds.ts'
import type { Attributes, AttributeValue } from './record.ts'
import { cutUtf8, utf8Length } from './utf8.ts'

/** Names what was cut or left out of the record that holds it. */
export const TRUNCATED = 'tokentrail.truncated'

/**
 * What goes first when a record is too large, in this order; before all of it, whatever the
 * registry of requests and tokens does not name, from the last name to the first. What is not here
 * and not unknown stays: it says what happened, to which token, and where the record goes.
 */
const DROPPED_FIRST: readonly string[] = [
  'user.roles',
  'oauth.actor.chain',
  'oauth.token.audiences',
  'tokentrail.session.record_ids',
  'url.path',
  'oauth.authentication.context_class',
  'oauth.authentication.methods',
  'oauth.missing_scopes',
  'oauth.required_scopes',
  'oauth.token.key.id',
  'oauth.token.id',
  'oauth.tenant.id',
  'oauth.grant.type',
  'oauth.actor.client.id',
  'oauth.actor.subject',
  'user_agent.original',
  'client.address',
  'oauth.token.scopes',
  'oauth.issuer',
  'oauth.token.subject',
]

/** What no record is made shorter by leaving out: it decides the meaning, the join or the route. */
const KEPT: ReadonlySet<string> = new Set([
  TRUNCATED,
  'compliance.framework',
  'error.type',
  'http.request.method',
  'http.response.status_code',
  'http.route',
  'oauth.client.id',
  'oauth.decision',
  'oauth.error.code',
  'oauth.rejection.reason',
  'oauth.session.derived',
  'oauth.session.end_reason',
  'oauth.session.first_seen',
  'oauth.session.start_reason',
  'oauth.token.fingerprint',
  'oauth.token.type',
  'oauth.validation.method',
  'user.hash',
])

/**
 * Brings attributes within bounds: every string well-formed and at most 1,024 bytes, every list at
 * most 64 elements, and the whole at most `maxBytes`; what was cut or left out is named in
 * `tokentrail.truncated`.
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
  if (truncated.size > 0) bounded.set(TRUNCATED, namesOf(truncated))
  return Object.fromEntries(bounded)
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
    if (bytes + sizeOf(new Map([[TRUNCATED, namesOf(truncated)]])) <= maxBytes) return
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
