import type { Attributes } from './record.ts'

/**
 * Gives the attributes of the OTLP LogRecord: every attribute of the record under its own name, the
 * session as `oauth.session.id`, and the one id on the wire as `log.record.uid`.
 *
 * @param uid - `<log>.<index>`, for an identity record `<log>.<pseudonym>`.
 */
export function projectAttributes(
  attributes: Attributes,
  session: string | undefined,
  uid: string,
): Attributes {
  return {
    ...attributes,
    ...(session === undefined ? {} : { 'oauth.session.id': session }),
    'log.record.uid': uid,
  }
}
