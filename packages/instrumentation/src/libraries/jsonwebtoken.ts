import { copyClaims, isObject } from './claims.ts'
import { toFailure } from './jsonwebtoken-reasons.ts'
import { decodeHeaderFacts } from './jwt-header.ts'
import type { HookedRequest, LibraryDefinition, ObservedCall, ObservedFact } from './library.ts'
import { decodeProvenClaims } from './proven-claims.ts'
import { watchCallback } from './watch/watch-callback.ts'

/**
 * Verification of JWTs by jsonwebtoken 9. passport-jwt and `@nestjs/jwt` call it through the object
 * that is hooked here.
 */
export const jsonwebtoken: LibraryDefinition = {
  name: 'jsonwebtoken',
  module: 'jsonwebtoken',
  versions: ['>=9.0.0 <10'],
  hooks: [{ exportName: 'verify', watch: watchCallback, observe: observeVerify }],
}

/** `verify(token, key, options, callback)`, options and callback being optional. */
function observeVerify(call: ObservedCall, _: HookedRequest, hook: string): ObservedFact {
  const [token, , options] = call.args
  if (typeof token !== 'string' || token === '') return undefined
  const header = decodeHeaderFacts(token)
  if (call.outcome.kind === 'threw') {
    const { reason, proven } = toFailure(call.outcome.error)
    const provenClaims = proven && isSigned(token) ? decodeProvenClaims(token) : undefined
    return {
      rejection: {
        token,
        reason,
        hook,
        ...(provenClaims === undefined ? {} : { provenClaims }),
        ...header,
      },
    }
  }
  const payload = toPayload(call.outcome.value, options)
  if (!isSigned(token) || !isObject(payload)) return undefined
  return { verified: { token, method: 'jwt', hook, claims: copyClaims(payload), ...header } }
}

/** With `complete` the result is `{ header, payload, signature }`, else the payload. */
function toPayload(result: unknown, options: unknown): unknown {
  const complete = isObject(options) && options['complete'] === true
  return complete && isObject(result) ? result['payload'] : result
}

/** An application may accept unsigned tokens (`algorithms: ['none']`): nobody proves those. */
function isSigned(token: string): boolean {
  return (token.split('.', 3)[2] ?? '').trim() !== ''
}
