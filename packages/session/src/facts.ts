import type { RejectionReason, TokenType, ValidationMethod } from '@tokentrail/semantic-conventions'
import type { Attributes } from './record.ts'

/**
 * Claims of a token whose signature or introspection was seen to be good, under their wire names
 * (RFC 7519, 7662, 8693, 9068). A hook copies the names that {@link CLAIM_NAMES} lists, nothing
 * else; values are still attacker-chosen in type and size and are checked before they reach a
 * record.
 */
export type VerifiedClaims = { readonly [Name in (typeof CLAIM_NAMES)[number]]?: unknown }

/** The claims that may be read from a verified token. Everything else is ignored. */
export const CLAIM_NAMES = [
  'iss',
  'sub',
  'aud',
  'exp',
  'nbf',
  'iat',
  'jti',
  'client_id',
  'azp',
  'cid',
  'appid',
  'scope',
  'scp',
  'sid',
  'auth_time',
  'acr',
  'amr',
  'cnf',
  'act',
  'gty',
  'grant_id',
  'authorization_details',
  // Names of single products: `profiles/`.
  'uti',
  'oid',
  'tid',
  'idtyp',
  'org_id',
  'origin_jti',
  'session_state',
  'preferred_username',
  'roles',
  'groups',
  'entitlements',
  'wids',
  'realm_access',
  'resource_access',
  'cognito:groups',
] as const

/** A hook saw that this token is good. */
export interface VerifiedToken {
  /** The token itself; used for its keyed fingerprint, never recorded. */
  readonly token: string
  /** What the token is. Default is `access_token`. */
  readonly type?: TokenType
  readonly method: ValidationMethod
  /** Which hook saw it, e.g. `jose.jwtVerify`. */
  readonly hook: string
  readonly claims: VerifiedClaims
  /** `kid` and `alg` of the protected header, for a JWT. */
  readonly keyId?: string
  readonly algorithm?: string
}

/** A hook saw why a token was refused. */
export interface TokenRejection {
  /** The token, if one was presented; used for its fingerprint, never recorded. */
  readonly token?: string
  readonly reason: RejectionReason
  /** Error code as the protocol sends it (RFC 6750 §3.1), e.g. `invalid_token`. */
  readonly errorCode?: string
  readonly hook: string
  /**
   * Claims, only where the library checks the signature before it refuses for this reason, so that
   * they are proven all the same (an expired token of jose, for example).
   */
  readonly provenClaims?: VerifiedClaims
  /** Header facts of a token that nobody has verified: attacker input, bounded when recorded. */
  readonly keyId?: string
  readonly algorithm?: string
  /** Scopes that the guard demanded, where it refused for lack of them and names them. */
  readonly requiredScopes?: readonly string[]
}

/** One challenge of a `WWW-Authenticate` header (RFC 9110 §11.6.1, RFC 6750 §3). */
export interface Challenge {
  /** Lower-case scheme, e.g. `bearer`, `dpop`. */
  readonly scheme: string
  readonly error?: string
  /** Scopes of the `scope` parameter. */
  readonly scopes?: readonly string[]
}

/** Everything that was seen of one HTTP request, handed over once, before its response ends. */
export interface RequestFacts {
  /** When the response ended: nanoseconds since 1970 UTC, decimal. */
  readonly time: string
  readonly method: string
  /** Route template, e.g. `/v1/orders/:id`. */
  readonly route?: string
  /** Path without query string; used only where there is no template. */
  readonly path?: string
  /** Status code; absent when the connection ended before a status line was sent. */
  readonly statusCode?: number
  /** Whether the whole response was handed to the connection (an aborted one is not). */
  readonly complete: boolean
  /**
   * Set when the request is told of while its response goes on: the client has the status, and the
   * end may be hours away. {@link complete} is false then.
   */
  readonly streaming?: boolean
  readonly clientAddress?: string
  readonly userAgent?: string
  readonly fapiInteractionId?: string
  readonly trace?: string
  readonly span?: string
  /** The presented token. Never recorded. */
  readonly token?: string
  /**
   * Pseudonym of {@link token} (kind `token`), where whoever saw the request has computed it
   * already, with the recorder's own key.
   */
  readonly fingerprint?: string
  /** Lower-case scheme of `Authorization`, or `query` for the parameter of RFC 6750 §2.3. */
  readonly scheme?: string
  /** Whether a DPoP proof came along (RFC 9449 §4.1); it is not kept. */
  readonly dpopProof?: boolean
  /**
   * `jti` of that proof, which nobody has verified: compared by keyed hash with those that came
   * before, never recorded.
   */
  readonly dpopProofId?: string
  /**
   * SHA-256 of the client's certificate, base64url (RFC 8705 §3.1); looked up only for a token that
   * is bound to one.
   */
  readonly clientCertificate?: string
  readonly verified?: VerifiedToken
  readonly rejection?: TokenRejection
  /**
   * What the recorder's own verification has against the token. It never decides what became of the
   * request: an application may accept what the recorder would not.
   */
  readonly finding?: TokenRejection
  readonly challenges?: readonly Challenge[]
}

/** Attributes that a request's spans and log records carry once its token is known. */
export type StampAttributes = Attributes
