import { isObject } from './claims.ts'
import { toFailure } from './jsonwebtoken-reasons.ts'
import { toJwtFact } from './jwt-fact.ts'
import type {
  HookedRequest,
  LibraryDefinition,
  ObservedCall,
  ObservedFact,
} from '../hooks/library.ts'
import { watchCallback } from '../hooks/watch/watch-callback.ts'

/**
 * Verification of JWTs by jsonwebtoken 8 and 9. passport-jwt and `@nestjs/jwt` call it through the
 * object that is hooked here.
 */
export const jsonwebtoken: LibraryDefinition = {
  name: 'jsonwebtoken',
  module: 'jsonwebtoken',
  versions: ['>=8.0.0 <10'],
  hooks: [{ exportName: 'verify', watch: watchCallback, observe: observeVerify }],
}

/** `verify(token, key, options, callback)`, options and callback being optional. */
function observeVerify(call: ObservedCall, _: HookedRequest, hook: string): ObservedFact {
  const [token, , options] = call.args
  // With `complete` the result is `{ header, payload, signature }`, else the payload.
  const complete = isObject(options) && options['complete'] === true
  return toJwtFact(token, call.outcome, hook, {
    payloadOf: (value) => (complete && isObject(value) ? value['payload'] : value),
    failureOf: toFailure,
  })
}
