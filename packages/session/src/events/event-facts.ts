import type {
  RejectionReason,
  TokenFormat,
  TokenParentType,
  TokenType,
} from '@tokentrail/semantic-conventions'
import type { RequestFacts, VerifiedClaims } from '../facts.ts'

/**
 * What an authorization server did, or a client with sessions of its own: told by whoever did it,
 * so nothing of it needs a signature. Hooks copy by name, nothing else.
 */
export type EventFacts =
  | TokensIssuedFacts
  | TokenIntrospectedFacts
  | TokenRevokedFacts
  | GrantRevokedFacts
  | SessionEndedFacts
  | ClientChangedFacts
  | RequestRefusedFacts

/** What every event says. */
interface EventBase {
  /** Which hook saw it, e.g. `oidc-provider.grant.success`. */
  readonly hook: string
  /** When: nanoseconds since 1970 UTC, decimal. Default is the recorder's clock. */
  readonly time?: string
  /** The request that it happened in, with the status that was answered. */
  readonly request?: RequestFacts
  /**
   * What the server knows of the authorization, under the names of claims: `iss`, `sub`,
   * `client_id`, `scope`, `sid`, `auth_time`, `acr`, `amr`. Only of a client or user that it has
   * authenticated.
   */
  readonly known: VerifiedClaims
  /** Id of the grant at the server: the token family. */
  readonly grantId?: string
}

/** A token that the server speaks of. */
export interface EventToken {
  /** The token itself; used for its keyed fingerprint, never recorded. */
  readonly token: string
  readonly type: TokenType
  /** Default is `jwt` for three segments of base64url, else `opaque`. */
  readonly format?: TokenFormat
  /**
   * What a resource server learns from the token: the claims of a JWT, the answer to an
   * introspection. The session is made of these, so that both sides name the same one.
   */
  readonly claims: VerifiedClaims
  /** Lifetime in seconds from the event on, where the claims name no `exp`. */
  readonly expiresIn?: number
  readonly keyId?: string
  readonly algorithm?: string
}

/**
 * Tokens were issued at once: `oauth.token.issued`, or `.refreshed` where a refresh token gave
 * them.
 */
export interface TokensIssuedFacts extends EventBase {
  readonly kind: 'tokens_issued'
  /** The one that makes the session first: the access token, else the ID token. */
  readonly tokens: readonly EventToken[]
  /** `grant_type` (RFC 6749 §4), or the response type of the authorization endpoint. */
  readonly grantType: string
  /** Registered method of client authentication (RFC 7591 §2). */
  readonly clientAuthMethod?: string
  /** What the tokens were made from. */
  readonly parent?: { readonly token: string; readonly type: TokenParentType }
}

/** The server answered an introspection (RFC 7662) of an active token. */
export interface TokenIntrospectedFacts extends EventBase {
  readonly kind: 'token_introspected'
  readonly token: EventToken
}

/** A token was revoked (RFC 7009) or destroyed. */
export interface TokenRevokedFacts extends EventBase {
  readonly kind: 'token_revoked'
  readonly token: EventToken
}

/** A token family ended as a whole. */
export interface GrantRevokedFacts extends EventBase {
  readonly kind: 'grant_revoked'
  readonly grantId: string
  /** Why its sessions end. */
  readonly reason: 'logout' | 'revoked'
}

/** A session ended in a way that was seen. */
export interface SessionEndedFacts extends EventBase {
  readonly kind: 'session_ended'
  readonly reason: 'logout' | 'backchannel_logout' | 'revoked' | 'replaced'
  /** Token that the session stood for, where it is known: used for its fingerprint. */
  readonly token?: string
}

/** The registration of a client (RFC 7591, 7592) was created, updated or deleted. */
export interface ClientChangedFacts extends EventBase {
  readonly kind: 'client_changed'
  readonly clientId: string
}

/** An endpoint of the server answered with an OAuth error. */
export interface RequestRefusedFacts extends EventBase {
  readonly kind: 'request_refused'
  /** Error code as sent (RFC 6749 §5.2). Polling (RFC 8628 §3.5) leaves no record. */
  readonly errorCode: string
  /** Default is what the code tells. */
  readonly reason?: RejectionReason
  readonly grantType?: string
  /** Token or code that was refused; used for its fingerprint, never recorded. */
  readonly token?: string
}
