import { EVENT_TOKENTRAIL_IDENTITY, type IdentityKind } from '@tokentrail/semantic-conventions'
import { UNIX_NANOS } from '../bounds.ts'
import { parseCanonical } from './canonical-text.ts'
import { SessionError } from '../errors.ts'
import type { Identity, RecordValue } from '../record.ts'

/** An identity record read back from its text. */
export interface DecodedIdentity extends Identity {
  /** Origin of the log that uses the pseudonym. */
  readonly log: string
  /** Nanoseconds since 1970 UTC, decimal. */
  readonly time: string
  /** Id and epoch of the pseudonym key; whoever has it checks the binding by recomputing. */
  readonly key: string
}

const KINDS: ReadonlySet<string> = new Set<IdentityKind>(['sub', 'address', 'user_agent', 'sid'])
const NAMES = ['issuer', 'key', 'kind', 'pseudonym', 'value'] as const

/**
 * Reads the text of an identity record. What it says is a claim: it is no leaf of a tree.
 *
 * @throws {@link SessionError} `ERR_SESSION_RECORD_MALFORMED`, naming the member; never quoting it.
 */
export function decodeIdentity(text: string): DecodedIdentity {
  const members = parseCanonical(text)
  const log = members.get('log')
  const time = members.get('time')
  if (members.size !== 5 || members.get('v') !== 1) throw malformed('it', 'of layout 1')
  if (members.get('type') !== EVENT_TOKENTRAIL_IDENTITY) throw malformed('type', 'identity')
  if (typeof log !== 'string' || log === '') throw malformed('log', 'an origin')
  if (typeof time !== 'string' || !UNIX_NANOS.test(time)) throw malformed('time', 'nanoseconds')
  const { issuer, key, kind, pseudonym, value } = readAttributes(members.get('attributes'))
  if (!KINDS.has(kind)) throw malformed('kind', 'sub, address, user_agent or sid')
  return Object.freeze({ log, time, key, issuer, pseudonym, value, kind: kind as IdentityKind })
}

function readAttributes(
  attributes: RecordValue | undefined,
): Record<(typeof NAMES)[number], string> {
  const members = new Map<string, unknown>(Object.entries(attributes ?? {}))
  if (members.size !== NAMES.length) throw malformed('attributes', 'the five of an identity')
  const read = (name: string): string => {
    const value = members.get(`tokentrail.identity.${name}`)
    if (typeof value !== 'string' || (value === '' && name !== 'issuer')) {
      throw malformed(name, 'a string')
    }
    return value
  }
  const [issuer, key, kind, pseudonym, value] = NAMES.map(read) as [
    string,
    string,
    string,
    string,
    string,
  ]
  return { issuer, key, kind, pseudonym, value }
}

function malformed(member: string, expected: string): SessionError {
  return new SessionError(
    'ERR_SESSION_RECORD_MALFORMED',
    `identity text: "${member}" must be ${expected}`,
  )
}
