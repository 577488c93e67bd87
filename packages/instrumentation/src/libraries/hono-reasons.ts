import type { RejectionReason } from '@tokentrail/session'
import { classNameOf } from './foreign-error.ts'

/** Classes of Hono's `utils/jwt/types.js`, whose messages hold the whole token. */
const REASONS: { readonly [name: string]: RejectionReason } = {
  JwtTokenExpired: 'expired',
  JwtTokenNotBefore: 'not_yet_valid',
  JwtTokenIssuedAt: 'not_yet_valid',
  JwtTokenIssuer: 'wrong_issuer',
  JwtTokenAudience: 'wrong_audience',
  JwtPayloadRequiresAud: 'wrong_audience',
  JwtTokenSignatureMismatched: 'bad_signature',
  JwtTokenInvalid: 'malformed',
  JwtHeaderInvalid: 'malformed',
  JwtHeaderRequiresKid: 'key_not_found',
  JwtAlgorithmMismatch: 'algorithm_not_allowed',
  JwtAlgorithmNotAllowed: 'algorithm_not_allowed',
  JwtAlgorithmNotImplemented: 'algorithm_not_allowed',
  JwtSymmetricAlgorithmNotAllowed: 'algorithm_not_allowed',
}

/** Says why `Jwt.verify` or `Jwt.verifyWithJwks` of Hono 4 refused a token. */
export function toHonoReason(error: unknown): RejectionReason {
  // What has no class of its own is a key that cannot be fetched or imported.
  return REASONS[classNameOf(error)] ?? 'verifier_unavailable'
}
