import { canonicalize } from '@tokentrail/ledger'
import { EVENT_TOKENTRAIL_IDENTITY } from '@tokentrail/semantic-conventions'
import { MAX_STRING_BYTES, UNIX_NANOS } from '../bounds.ts'
import { toEncoded } from './encode-general.ts'
import type { EncodedRecord } from './encoded-record.ts'
import { SessionError } from '../errors.ts'
import { projectAttributes } from '../decode/projection.ts'
import type { Identity } from '../record.ts'
import { utf8Length } from '../utf8.ts'

/**
 * Encodes an identity record: the canonical text of `{attributes, log, time, type, v}` and its OTLP
 * LogRecord, whose `log.record.uid` is `<log>.<pseudonym>`. It is no leaf, so it has no index.
 *
 * @param log - Origin of the log that uses the pseudonym.
 * @param time - Nanoseconds since 1970 UTC, decimal.
 * @param key - Id and epoch of the pseudonym key: {@link formatPseudonymKey}.
 * @throws {@link SessionError} `ERR_SESSION_DRAFT_INVALID` for a wrong time, or a value over 1,024
 *   bytes: cut, nobody could check it against its pseudonym.
 */
export function encodeIdentity(
  identity: Identity,
  log: string,
  time: string,
  key: string,
): EncodedRecord {
  if (!UNIX_NANOS.test(time)) throw invalid('time', 'nanoseconds since 1970, decimal')
  const attributes = {
    'tokentrail.identity.issuer': checked('issuer', identity.issuer),
    'tokentrail.identity.key': checked('key', key),
    'tokentrail.identity.kind': checked('kind', identity.kind),
    'tokentrail.identity.pseudonym': checked('pseudonym', identity.pseudonym),
    'tokentrail.identity.value': checked('value', identity.value),
  }
  const text = canonicalize({ attributes, log, time, type: EVENT_TOKENTRAIL_IDENTITY, v: 1 })
  return toEncoded(text, utf8Length(text), {
    type: EVENT_TOKENTRAIL_IDENTITY,
    time,
    attributes: projectAttributes(attributes, undefined, `${log}.${identity.pseudonym}`),
  })
}

function checked(member: string, text: string): string {
  const wellFormed = text.toWellFormed()
  if (utf8Length(wellFormed) <= MAX_STRING_BYTES) return wellFormed
  throw invalid(member, `at most ${MAX_STRING_BYTES} bytes`)
}

function invalid(member: string, expected: string): SessionError {
  return new SessionError('ERR_SESSION_DRAFT_INVALID', `identity: "${member}" must be ${expected}`)
}
