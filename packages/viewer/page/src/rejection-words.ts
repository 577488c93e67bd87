/** A rejection reason in words for people who did not write the standard. */
export interface ReasonWords {
  readonly title: string
  /** One sentence that says what happened. */
  readonly sentence: string
}

// A table: one row per value of `oauth.rejection.reason`.
const REASONS: { readonly [reason: string]: ReasonWords } = {
  missing: {
    title: 'No token',
    sentence: 'The request carried no token where one was needed.',
  },
  malformed: {
    title: 'Malformed token',
    sentence: 'What was presented cannot be read as a token.',
  },
  expired: { title: 'Expired', sentence: 'The token was good once, but its time was over.' },
  not_yet_valid: {
    title: 'Not yet valid',
    sentence: 'The token says that it becomes valid only later; often a clock is wrong.',
  },
  revoked: {
    title: 'Revoked',
    sentence: 'The token had been revoked before this request was made with it.',
  },
  inactive: {
    title: 'Inactive',
    sentence:
      'The authorization server said that the token is not active; it does not say whether it expired, was revoked or never existed.',
  },
  bad_signature: {
    title: 'Bad signature',
    sentence:
      'The signature does not fit the token: it was forged or altered. Nobody is held responsible for what it claims.',
  },
  key_not_found: {
    title: 'Unknown key',
    sentence:
      'The token names a signing key that the issuer does not publish, so nothing in it is proven.',
  },
  wrong_issuer: {
    title: 'Wrong issuer',
    sentence: 'The token comes from an issuer that this service does not accept.',
  },
  wrong_audience: {
    title: 'Wrong audience',
    sentence: 'The token was issued for another service.',
  },
  wrong_type: {
    title: 'Wrong kind of token',
    sentence: 'Another kind of token was presented, for example an ID token as an access token.',
  },
  wrong_claim: {
    title: 'Wrong claim',
    sentence: 'A claim in the token is missing or does not have the value that is required.',
  },
  algorithm_not_allowed: {
    title: 'Algorithm not allowed',
    sentence:
      'The token is signed with an algorithm that this service does not accept, or with none.',
  },
  binding_mismatch: {
    title: 'Bound to another key',
    sentence: 'The token is bound to a key or certificate that the caller did not prove to have.',
  },
  proof_invalid: {
    title: 'Invalid DPoP proof',
    sentence: 'The proof of possession does not fit this request.',
  },
  proof_replayed: {
    title: 'Replayed DPoP proof',
    sentence: 'A proof of possession that was already used was presented again.',
  },
  nonce_required: {
    title: 'Nonce required',
    sentence: 'The server asked for a fresh nonce. This is a normal step of DPoP, not an attack.',
  },
  insufficient_scope: {
    title: 'Scope missing',
    sentence: 'The token is good, but it does not carry the permission that this route asks for.',
  },
  insufficient_authentication: {
    title: 'Stronger sign-in needed',
    sentence: 'The user signed in too long ago or too weakly for this route.',
  },
  policy_denied: {
    title: 'Denied by policy',
    sentence: 'The token is good; the service refused the request by a rule of its own.',
  },
  reused: {
    title: 'Used twice',
    sentence:
      'A code or refresh token that may be used once was presented again: it may have been stolen.',
  },
  invalid_grant: {
    title: 'Invalid grant',
    sentence: 'The code or refresh token is unknown, expired or belongs to another client.',
  },
  client_rejected: {
    title: 'Client rejected',
    sentence: 'The client did not authenticate, or may not do what it asked for.',
  },
  scope_refused: {
    title: 'Scope refused',
    sentence: 'The client asked for a scope that it may not have.',
  },
  unsupported: {
    title: 'Unsupported',
    sentence: 'The client asked for a grant or response type that the server does not offer.',
  },
  interaction_required: {
    title: 'Sign-in needed',
    sentence: 'The user has to sign in or consent before this can go on.',
  },
  verifier_unavailable: {
    title: 'Verifier unavailable',
    sentence: 'The token could not be checked, because its keys or the issuer were out of reach.',
  },
}

const UNKNOWN: ReasonWords = {
  title: 'Unknown reason',
  sentence: 'The request was refused for a reason that the recorder does not know.',
}

/** Every known reason, for suggestions. */
export const REJECTION_REASONS: readonly string[] = [...Object.keys(REASONS), 'unknown']

/** Looks a reason up; anything that is not in the list is an unknown reason. */
export function explainRejection(reason: string | null): ReasonWords {
  return (reason !== null && Object.hasOwn(REASONS, reason) && REASONS[reason]) || UNKNOWN
}
