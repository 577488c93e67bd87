import type { VerifiedClaims } from '@tokentrail/session'
import { copyClaims, isObject } from './claims.ts'
import { isGenuine, toJoseReason } from './jose-reasons.ts'
import { decodeHeaderFacts, toHeaderFacts } from './jwt-header.ts'
import type {
  HookedRequest,
  LibraryDefinition,
  ObservedCall,
  ObservedFact,
} from '../hooks/library.ts'
import { readLogoutToken } from './logout-token.ts'
import { decodeProvenClaims } from './proven-claims.ts'

/** Verification of tokens by jose 4 to 6, which applications import whole or by file. */
export const jose: LibraryDefinition = {
  name: 'jose',
  module: 'jose',
  versions: ['>=4.0.0 <7'],
  hooks: [
    { exportName: 'jwtVerify', files: builtFiles('jwt/verify.js'), observe: observeVerify },
    {
      exportName: 'compactVerify',
      // In jose 4 and 5 this file is what `jwtVerify` itself calls.
      files: ['dist/webapi/jws/compact/verify.js'],
      observe: observeVerify,
    },
    { exportName: 'jwtDecrypt', files: builtFiles('jwt/decrypt.js'), observe: observeDecrypt },
  ],
}

/** Jose 6 has one build, jose 4 and 5 have one per module system. */
function builtFiles(file: string): readonly string[] {
  return [`dist/webapi/${file}`, `dist/node/esm/${file}`, `dist/node/cjs/${file}`]
}

/** `jwtVerify(jwt, key, options)` and `compactVerify(jws, key, options)`. */
function observeVerify(call: ObservedCall, _: HookedRequest, hook: string): ObservedFact {
  const token = toToken(call.args[0])
  if (token === undefined) return undefined
  if (call.outcome.kind === 'returned') {
    const { value } = call.outcome
    if (!isObject(value)) return undefined
    const logout = readLogoutToken(value['payload'], hook)
    if (logout !== undefined) return logout
    // `compactVerify` gives the payload as bytes.
    const claims = readPayload(value) ?? decodeProvenClaims(token)
    const header = toHeaderFacts(value['protectedHeader'])
    return { verified: { token, method: 'jwt', hook, claims, ...header } }
  }
  const { error } = call.outcome
  const header = decodeHeaderFacts(token)
  const proven = isGenuine(error) ? { provenClaims: decodeProvenClaims(token) } : {}
  return { rejection: { token, reason: toJoseReason(error), hook, ...proven, ...header } }
}

/** `jwtDecrypt(jwt, key, options)`. */
function observeDecrypt(call: ObservedCall, _: HookedRequest, hook: string): ObservedFact {
  const token = toToken(call.args[0])
  if (token === undefined) return undefined
  const header = decodeHeaderFacts(token)
  const isProof = isSymmetric(header.algorithm)
  if (call.outcome.kind === 'returned') {
    const { value } = call.outcome
    const claims = isProof ? readPayload(value) : undefined
    if (claims === undefined) return undefined
    return { verified: { token, method: 'jwt', hook, claims, ...header } }
  }
  const { error } = call.outcome
  // Jose 4 does not show the payload with the error.
  const provenClaims = isProof && isGenuine(error) ? readPayload(error) : undefined
  const proven = provenClaims === undefined ? {} : { provenClaims }
  return { rejection: { token, reason: toJoseReason(error), hook, ...proven, ...header } }
}

/**
 * Whether who encrypted a token had a secret for it (RFC 7518 §4.1). To a public key anybody can
 * encrypt, so what such a token claims is not proven.
 */
function isSymmetric(algorithm: string | undefined): boolean {
  return algorithm !== undefined && /^(?:dir$|A\d{3}(?:GCM)?KW$|PBES2-)/.test(algorithm)
}

function readPayload(holder: unknown): VerifiedClaims | undefined {
  const payload = isObject(holder) ? holder['payload'] : undefined
  return isObject(payload) && !(payload instanceof Uint8Array) ? copyClaims(payload) : undefined
}

function toToken(jwt: unknown): string | undefined {
  if (typeof jwt === 'string') return jwt
  return jwt instanceof Uint8Array ? new TextDecoder().decode(jwt) : undefined
}
