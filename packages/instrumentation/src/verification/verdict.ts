import type { RejectionReason, VerifiedClaims } from '@tokentrail/session'

/** What the recorder found out about a token. It holds no token, so that it can be remembered. */
export type Verdict = VerifiedVerdict | RefusedVerdict

interface HeaderFacts {
  readonly keyId?: string
  readonly algorithm?: string
}

/** The token is good. */
export interface VerifiedVerdict extends HeaderFacts {
  readonly kind: 'verified'
  /** How it was found out: `recorder.jwt`, `recorder.introspection`. */
  readonly hook: string
  readonly claims: VerifiedClaims
  /** When it ends to be good, in milliseconds since 1970; undefined where nothing says so. */
  readonly expiresAt?: number
}

/** The token is not good, or not for here. */
export interface RefusedVerdict extends HeaderFacts {
  readonly kind: 'refused'
  readonly hook: string
  readonly reason: RejectionReason
  /** Claims, where the signature was found good all the same. */
  readonly provenClaims?: VerifiedClaims
}
