/**
 * Values of `oauth.decision`; closed.
 *
 * - `allow`: Allowed.
 * - `deny`: Refused for an OAuth reason.
 */
export const DECISIONS = ['allow', 'deny'] as const

/** One of {@link DECISIONS}. */
export type Decision = (typeof DECISIONS)[number]

/**
 * Values of `oauth.rejection.reason`; closed.
 *
 * - `missing`: No credentials were sent (RFC 6750 §3.1).
 * - `malformed`: The request or the token cannot be read.
 * - `expired`: The token has expired.
 * - `not_yet_valid`: `nbf` or `iat` lies in the future.
 * - `revoked`: The token is known to be revoked.
 * - `inactive`: Introspection answered `active: false`, which does not say why.
 * - `bad_signature`: The signature or the decryption failed.
 * - `key_not_found`: No single key of the issuer fits.
 * - `wrong_issuer`: Another issuer than the resource trusts.
 * - `wrong_audience`: Meant for another resource.
 * - `wrong_type`: Another kind of token, an ID token for example.
 * - `wrong_claim`: Any other claim fails, or one is missing.
 * - `algorithm_not_allowed`: Signed with an algorithm that is not allowed.
 * - `binding_mismatch`: Bound to another key or certificate than was used.
 * - `proof_invalid`: The DPoP proof does not fit the request (RFC 9449).
 * - `proof_replayed`: The DPoP proof was seen before.
 * - `nonce_required`: The server demands a nonce: a normal step, not an attack.
 * - `insufficient_scope`: A demanded scope is not granted.
 * - `insufficient_authentication`: Sign-in too weak or too old (RFC 9470).
 * - `policy_denied`: A rule of the application or the server, no OAuth error code.
 * - `reused`: A code or a rotated refresh token was presented again.
 * - `invalid_grant`: The grant fails for another cause (RFC 6749 §5.2).
 * - `client_rejected`: The client is unknown, unauthenticated or not allowed to do this.
 * - `scope_refused`: The requested scope is not granted.
 * - `unsupported`: Grant or response type is not supported.
 * - `interaction_required`: Sign-in, consent or another interaction is needed.
 * - `verifier_unavailable`: Keys or introspection could not be reached.
 * - `unknown`: Anything else.
 */
export const REJECTION_REASONS = [
  'missing',
  'malformed',
  'expired',
  'not_yet_valid',
  'revoked',
  'inactive',
  'bad_signature',
  'key_not_found',
  'wrong_issuer',
  'wrong_audience',
  'wrong_type',
  'wrong_claim',
  'algorithm_not_allowed',
  'binding_mismatch',
  'proof_invalid',
  'proof_replayed',
  'nonce_required',
  'insufficient_scope',
  'insufficient_authentication',
  'policy_denied',
  'reused',
  'invalid_grant',
  'client_rejected',
  'scope_refused',
  'unsupported',
  'interaction_required',
  'verifier_unavailable',
  'unknown',
] as const

/** One of {@link REJECTION_REASONS}. */
export type RejectionReason = (typeof REJECTION_REASONS)[number]

/**
 * Values of `oauth.session.derivation`; closed.
 *
 * - `sid`: Issuer, `sid`, client.
 * - `grant`: Issuer, grant id.
 * - `auth_time`: Issuer, subject, client, `auth_time`.
 * - `token`: Issuer, client, `jti` or fingerprint.
 */
export const SESSION_DERIVATIONS = ['sid', 'grant', 'auth_time', 'token'] as const

/** One of {@link SESSION_DERIVATIONS}. */
export type SessionDerivation = (typeof SESSION_DERIVATIONS)[number]

/**
 * Values of `oauth.session.end_reason`; closed.
 *
 * - `logout`: The user signed out.
 * - `backchannel_logout`: The provider said so (OpenID Connect Back-Channel Logout).
 * - `revoked`: Token or grant was revoked.
 * - `replaced`: Another session took its place, on evidence of the server.
 * - `expired`: Derived: its last known token expired and nothing newer came.
 * - `idle`: Derived: nothing came within the idle time.
 * - `unknown`: Anything else.
 */
export const SESSION_END_REASONS = [
  'logout',
  'backchannel_logout',
  'revoked',
  'replaced',
  'expired',
  'idle',
  'unknown',
] as const

/** One of {@link SESSION_END_REASONS}. */
export type SessionEndReason = (typeof SESSION_END_REASONS)[number]

/**
 * Values of `oauth.session.start_reason`; closed.
 *
 * - `issuance`: Its first token was issued.
 * - `auth_time`: The token says when the user signed in.
 * - `first_seen`: Its first record.
 */
export const SESSION_START_REASONS = ['issuance', 'auth_time', 'first_seen'] as const

/** One of {@link SESSION_START_REASONS}. */
export type SessionStartReason = (typeof SESSION_START_REASONS)[number]

/**
 * Values of `oauth.token.binding.method`; closed.
 *
 * - `none`: Bearer token.
 * - `dpop`: Bound to a key (RFC 9449).
 * - `mtls`: Bound to a client certificate (RFC 8705).
 */
export const TOKEN_BINDING_METHODS = ['none', 'dpop', 'mtls'] as const

/** One of {@link TOKEN_BINDING_METHODS}. */
export type TokenBindingMethod = (typeof TOKEN_BINDING_METHODS)[number]

/**
 * Values of `oauth.token.format`; closed.
 *
 * - `jwt`: JSON Web Token (RFC 7519).
 * - `opaque`: Only its issuer can read it.
 */
export const TOKEN_FORMATS = ['jwt', 'opaque'] as const

/** One of {@link TOKEN_FORMATS}. */
export type TokenFormat = (typeof TOKEN_FORMATS)[number]

/**
 * Values of `oauth.token.parent.type`; closed.
 *
 * - `access_token`: Subject token of an exchange (RFC 8693).
 * - `refresh_token`: Refresh token.
 * - `id_token`: Subject token of an exchange (RFC 8693).
 * - `authorization_code`: Authorization code.
 * - `device_code`: Device code (RFC 8628).
 * - `unknown`: Anything else.
 */
export const TOKEN_PARENT_TYPES = [
  'access_token',
  'refresh_token',
  'id_token',
  'authorization_code',
  'device_code',
  'unknown',
] as const

/** One of {@link TOKEN_PARENT_TYPES}. */
export type TokenParentType = (typeof TOKEN_PARENT_TYPES)[number]

/**
 * Values of `oauth.token.subject_type`; closed.
 *
 * - `user`: A person.
 * - `client`: The client itself (`sub` equals `client_id`, RFC 9068 §2.2).
 * - `agent`: An agent that acts for somebody.
 * - `unknown`: Cannot be told.
 */
export const TOKEN_SUBJECT_TYPES = ['user', 'client', 'agent', 'unknown'] as const

/** One of {@link TOKEN_SUBJECT_TYPES}. */
export type TokenSubjectType = (typeof TOKEN_SUBJECT_TYPES)[number]

/**
 * Values of `oauth.token.type`; closed.
 *
 * - `access_token`: Access token (RFC 6749 §1.4).
 * - `refresh_token`: Refresh token (RFC 6749 §1.5).
 * - `id_token`: ID token (OpenID Connect Core §2).
 * - `authorization_code`: Authorization code (RFC 6749 §1.3.1).
 * - `device_code`: Device code (RFC 8628).
 * - `logout_token`: Logout token (OpenID Connect Back-Channel Logout).
 * - `unknown`: Anything else.
 */
export const TOKEN_TYPES = [
  'access_token',
  'refresh_token',
  'id_token',
  'authorization_code',
  'device_code',
  'logout_token',
  'unknown',
] as const

/** One of {@link TOKEN_TYPES}. */
export type TokenType = (typeof TOKEN_TYPES)[number]

/**
 * Values of `oauth.validation.method`; closed.
 *
 * - `jwt`: The application checked a signature.
 * - `introspection`: The issuer answered (RFC 7662).
 * - `lookup`: The authorization server looked it up.
 * - `recorder`: The recorder verified it itself.
 */
export const VALIDATION_METHODS = ['jwt', 'introspection', 'lookup', 'recorder'] as const

/** One of {@link VALIDATION_METHODS}. */
export type ValidationMethod = (typeof VALIDATION_METHODS)[number]

/**
 * Values of `tokentrail.gap.reason`; closed.
 *
 * - `paused`: Recording was switched off.
 * - `hook_inactive`: A hook that should be live is not.
 * - `internal_error`: The recorder itself failed.
 * - `journal_unavailable`: The journal could not be written.
 */
export const GAP_REASONS = [
  'paused',
  'hook_inactive',
  'internal_error',
  'journal_unavailable',
] as const

/** One of {@link GAP_REASONS}. */
export type GapReason = (typeof GAP_REASONS)[number]

/**
 * Values of `tokentrail.identity.kind`; closed.
 *
 * - `sub`: Subject of a token.
 * - `address`: Client address.
 * - `user_agent`: User agent.
 * - `sid`: Session at the OpenID provider.
 */
export const IDENTITY_KINDS = ['sub', 'address', 'user_agent', 'sid'] as const

/** One of {@link IDENTITY_KINDS}. */
export type IdentityKind = (typeof IDENTITY_KINDS)[number]

/**
 * Values of `tokentrail.loss.reason`; closed.
 *
 * - `disk_full`: The disk had no room.
 * - `byte_cap`: The folder had as many bytes as it may have.
 * - `damaged_segment`: A segment of the journal cannot be read.
 * - `unknown`: Anything else.
 */
export const LOSS_REASONS = ['disk_full', 'byte_cap', 'damaged_segment', 'unknown'] as const

/** One of {@link LOSS_REASONS}. */
export type LossReason = (typeof LOSS_REASONS)[number]
