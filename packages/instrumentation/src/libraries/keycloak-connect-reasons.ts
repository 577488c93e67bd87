import type { RejectionReason } from '@tokentrail/session'
import { isObject } from './claims.ts'
import { type MessageReasons, reasonOfMessage } from './message-reasons.ts'

/** Words of `GrantManager.prototype.validateToken` (`grant-manager.js`). */
const REASONS: MessageReasons = [
  [/^invalid token \(missing\)/, 'missing'],
  [/^invalid token \(expired\)/, 'expired'],
  [/^invalid token \(not signed\)/, 'malformed'],
  [/^invalid token \(wrong type\)/, 'wrong_type'],
  [/^invalid token \(wrong ISS\)/, 'wrong_issuer'],
  [/^invalid token \(wrong audience\)/, 'wrong_audience'],
  [/^invalid token \(authorized party/, 'wrong_claim'],
  // Older than the realm's not-before policy, which an administrator sets to revoke what was issued.
  [/^invalid token \(stale token\)/, 'revoked'],
  [/^invalid token \((?:public key )?signature\)/, 'bad_signature'],
  // What `jwk-to-pem` says of the key that was not found.
  [/^failed to load public key .* Expected "jwk" to be an Object$/, 'key_not_found'],
  // The adapter does not ask for keys again within some seconds, and stumbles over having none.
  [/^Cannot read properties of undefined \(reading 'then'\)$/, 'key_not_found'],
  [/^(?:failed to load public key|Misconfigured parameters)/, 'verifier_unavailable'],
]

/** Says why Keycloak's adapter refused a token, which is an object that it made of the text. */
export function toKeycloakReason(error: unknown, token: unknown): RejectionReason {
  // What cannot be parsed is given `exp: 0` (`token.js`), so the library calls it expired.
  if (isObject(token) && token['signed'] === undefined) return 'malformed'
  return reasonOfMessage(error, REASONS) ?? 'unknown'
}
