import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_LOG_RECORD_UID,
  ATTR_OAUTH_CLIENT_ID,
  ATTR_OAUTH_DECISION,
  ATTR_OAUTH_ERROR_CODE,
  ATTR_OAUTH_ISSUER,
  ATTR_OAUTH_REJECTION_REASON,
  ATTR_OAUTH_SESSION_DERIVATION,
  ATTR_OAUTH_SESSION_FIRST_SEEN,
  ATTR_OAUTH_SESSION_ID,
  ATTR_OAUTH_TOKEN_ALGORITHM,
  ATTR_OAUTH_TOKEN_FORMAT,
  ATTR_OAUTH_TOKEN_KEY_ID,
  ATTR_OAUTH_TOKEN_SUBJECT_TYPE,
  ATTR_OAUTH_TOKEN_TYPE,
  ATTR_OAUTH_VALIDATION_METHOD,
  ATTR_TOKENTRAIL_CAPTURE_HOOK,
  ATTR_USER_AGENT_NAME,
  ATTR_USER_AGENT_ORIGINAL,
} from '@tokentrail/semantic-conventions'
import { MAX_ARRAY_ELEMENTS, MAX_NAME_LENGTH, MAX_STRING_BYTES, NAME } from '../bounds.ts'
import type { AttributeValue } from '../record.ts'

/** One attribute in the three spellings that a journal frame needs, each with a comma before it. */
export interface Fragment {
  /** `,"oauth.decision":"allow"` of the canonical text. */
  readonly text: string
  /** The same inside a JSON string: `,\"oauth.decision\":\"allow\"`. */
  readonly escaped: string
  /** `,{"key":"oauth.decision","value":{"stringValue":"allow"}}`. */
  readonly otlp: string
}

/** What an encoder remembers of one attribute name; used by that encoder alone. */
export interface AttributeSpelling {
  /** Spellings up to the value of a string, quotes included. */
  readonly text: string
  readonly escaped: string
  readonly otlp: string
  /** Fragments of values seen before; absent for a name whose values seldom repeat. */
  readonly fragments?: Map<string | number | boolean, Fragment>
  readonly lists: WeakMap<readonly string[], Fragment>
}

/** Printable ASCII without `"` and `\`: one byte a character, the same in JSON and inside it. */
export const PLAIN: RegExp = /^[ !#-[\]-~]*$/

/** Most remembered values of one name; beyond, the table of this name starts anew. */
const MAX_FRAGMENTS = 256

/**
 * Names with few values, so that their fragments are worth keeping: building one anew costs about
 * six times a look-up, and a record has a dozen. None of them holds a pseudonym of a person.
 */
const REPEATING: ReadonlySet<string> = new Set([
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_OAUTH_CLIENT_ID,
  ATTR_OAUTH_DECISION,
  ATTR_OAUTH_ERROR_CODE,
  ATTR_OAUTH_ISSUER,
  ATTR_OAUTH_REJECTION_REASON,
  ATTR_OAUTH_SESSION_DERIVATION,
  ATTR_OAUTH_SESSION_FIRST_SEEN,
  ATTR_OAUTH_TOKEN_ALGORITHM,
  ATTR_OAUTH_TOKEN_FORMAT,
  ATTR_OAUTH_TOKEN_KEY_ID,
  ATTR_OAUTH_TOKEN_SUBJECT_TYPE,
  ATTR_OAUTH_TOKEN_TYPE,
  ATTR_OAUTH_VALIDATION_METHOD,
  ATTR_TOKENTRAIL_CAPTURE_HOOK,
  ATTR_USER_AGENT_NAME,
  ATTR_USER_AGENT_ORIGINAL,
])

/** Attributes that the encoder writes itself, so no draft may. */
const RESERVED: ReadonlySet<string> = new Set([ATTR_LOG_RECORD_UID, ATTR_OAUTH_SESSION_ID])

/** Says whether a draft may hold an attribute of this name. */
export function isAttributeName(name: string): boolean {
  return name.length <= MAX_NAME_LENGTH && NAME.test(name) && !RESERVED.has(name)
}

/** Makes the spellings of one attribute name, for {@link isAttributeName names} only. */
export function createSpelling(name: string): AttributeSpelling {
  return {
    text: `,"${name}":"`,
    escaped: `,\\"${name}\\":\\"`,
    otlp: `,{"key":"${name}","value":{"stringValue":"`,
    ...(REPEATING.has(name) ? { fragments: new Map<string, Fragment>() } : {}),
    lists: new WeakMap(),
  }
}

/**
 * Gives the fragment of a value, remembered or new; undefined for a value that is not plain or
 * within bounds. A list is remembered only when it is frozen: a changed one would be recorded with
 * its former elements.
 */
export function fragmentOf(
  spelling: AttributeSpelling,
  value: AttributeValue,
): Fragment | undefined {
  if (typeof value === 'object') return listFragment(spelling, value)
  const known = spelling.fragments?.get(value)
  if (known !== undefined) return known
  const fragment = scalarFragment(spelling, value)
  if (fragment !== undefined) remember(spelling, value, fragment)
  return fragment
}

function remember(
  { fragments }: AttributeSpelling,
  value: string | number | boolean,
  fragment: Fragment,
): void {
  if (fragments === undefined) return
  if (fragments.size >= MAX_FRAGMENTS) fragments.clear()
  fragments.set(value, fragment)
}

// `join` gives flat strings, `+` ropes that every record would flatten again.
function scalarFragment(
  spelling: AttributeSpelling,
  value: string | number | boolean,
): Fragment | undefined {
  if (typeof value === 'string') {
    if (!isPlain(value)) return undefined
    return {
      text: [spelling.text, value, '"'].join(''),
      escaped: [spelling.escaped, value, '\\"'].join(''),
      otlp: [spelling.otlp, value, '"}}'].join(''),
    }
  }
  if (typeof value === 'number' && !Number.isSafeInteger(value)) return undefined
  const shown = String(value)
  return {
    text: [spelling.text.slice(0, -1), shown].join(''),
    escaped: [spelling.escaped.slice(0, -2), shown].join(''),
    otlp: [
      beforeKind(spelling),
      ...(typeof value === 'number'
        ? ['"intValue":"', shown, '"}}']
        : ['"boolValue":', shown, '}}']),
    ].join(''),
  }
}

function listFragment(
  spelling: AttributeSpelling,
  values: readonly string[],
): Fragment | undefined {
  const known = spelling.lists.get(values)
  if (known !== undefined) return known
  if (!Array.isArray(values) || values.length > MAX_ARRAY_ELEMENTS) return undefined
  if (!values.every(isPlain)) return undefined
  const fragment = buildListFragment(spelling, values)
  if (Object.isFrozen(values)) spelling.lists.set(values, fragment)
  return fragment
}

function buildListFragment(spelling: AttributeSpelling, values: readonly string[]): Fragment {
  const empty = values.length === 0
  const around = (open: string, between: string, close: string): string =>
    empty ? '' : [open, values.join(between), close].join('')
  return {
    text: [spelling.text.slice(0, -1), '[', around('"', '","', '"'), ']'].join(''),
    escaped: [spelling.escaped.slice(0, -2), '[', around('\\"', '\\",\\"', '\\"'), ']'].join(''),
    otlp: [
      beforeKind(spelling),
      '"arrayValue":{"values":[',
      around('{"stringValue":"', '"},{"stringValue":"', '"}'),
      ']}}}',
    ].join(''),
  }
}

function beforeKind({ otlp }: AttributeSpelling): string {
  return otlp.slice(0, -'"stringValue":"'.length)
}

/** Says whether a string needs neither escape nor cut. */
export function isPlain(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_STRING_BYTES && PLAIN.test(value)
}
