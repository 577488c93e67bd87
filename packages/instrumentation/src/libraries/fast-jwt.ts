import { isObject } from './claims.ts'
import { toFastJwtFailure } from './fast-jwt-reasons.ts'
import { toJwtFact } from './jwt-fact.ts'
import type {
  HookedRequest,
  LibraryDefinition,
  ObservedCall,
  ObservedFact,
} from '../hooks/library.ts'
import { watchCallback } from '../hooks/watch/watch-callback.ts'
import { watchProduced } from '../hooks/watch/watch-produced.ts'
import { watchResult } from '../hooks/watch/watch-result.ts'

/** Verifiers of fast-jwt 3 to 6, and decoders, which refuse what is no JWT before. */
export const fastJwt: LibraryDefinition = {
  name: 'fast-jwt',
  module: 'fast-jwt',
  versions: ['>=3.0.0 <7'],
  hooks: [
    { exportName: 'createVerifier', watch: watchProduced(watchCallback), observe: observeVerifier },
    { exportName: 'createDecoder', watch: watchProduced(watchResult), observe: observeDecoder },
  ],
}

/** `verifier(token, callback)`; the callback is for verifiers with a key function. */
function observeVerifier(call: ObservedCall, _: HookedRequest, hook: string): ObservedFact {
  const token = toText(call.args[0])
  return toJwtFact(token, call.outcome, hook, {
    payloadOf: (value) => (isComplete(value, token) ? value.payload : value),
    failureOf: toFastJwtFailure,
  })
}

/**
 * With `complete` the payload is beside `signature`. No payload can have the signature over itself
 * as a claim.
 */
function isComplete(value: unknown, token: unknown): value is { readonly payload: unknown } {
  if (!isObject(value) || typeof token !== 'string') return false
  return 'payload' in value && value['signature'] === token.slice(token.lastIndexOf('.') + 1)
}

/** `decoder(token)` proves nothing. */
function observeDecoder(call: ObservedCall, request: HookedRequest, hook: string): ObservedFact {
  return call.outcome.kind === 'threw' ? observeVerifier(call, request, hook) : undefined
}

function toText(token: unknown): unknown {
  return Buffer.isBuffer(token) ? token.toString('utf8') : token
}
