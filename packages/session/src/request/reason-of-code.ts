import type { RejectionReason } from '@tokentrail/semantic-conventions'

/**
 * Error codes of the protocol that tell why. `invalid_token` is not among them: expired, revoked
 * and forged tokens all get it (RFC 6750 §3.1).
 */
const REASONS: ReadonlyMap<string, RejectionReason> = new Map<string, RejectionReason>([
  ['invalid_request', 'malformed'],
  ['expired_token', 'expired'],
  ['insufficient_scope', 'insufficient_scope'],
  ['insufficient_user_authentication', 'insufficient_authentication'],
  ['invalid_dpop_proof', 'proof_invalid'],
  ['use_dpop_nonce', 'nonce_required'],
  ['invalid_target', 'wrong_audience'],
  ['unsupported_token_type', 'wrong_type'],
  ['access_denied', 'policy_denied'],
  ['invalid_grant', 'invalid_grant'],
  ['invalid_client', 'client_rejected'],
  ['unauthorized_client', 'client_rejected'],
  ['invalid_scope', 'scope_refused'],
  ['unsupported_grant_type', 'unsupported'],
  ['unsupported_response_type', 'unsupported'],
  ['login_required', 'interaction_required'],
  ['consent_required', 'interaction_required'],
  ['interaction_required', 'interaction_required'],
  ['account_selection_required', 'interaction_required'],
  ['server_error', 'verifier_unavailable'],
  ['temporarily_unavailable', 'verifier_unavailable'],
])

/** Gives the reason that an OAuth error code names, else `unknown`. */
export function reasonOfCode(code: string): RejectionReason {
  return REASONS.get(code) ?? 'unknown'
}
