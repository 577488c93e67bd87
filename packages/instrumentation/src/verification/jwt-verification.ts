import { createLocalJWKSet, errors, type JSONWebKeySet, jwtVerify } from 'jose'
import type { Clock, RejectionReason } from '@tokentrail/session'
import { copyClaims, isObject } from '../libraries/claims.ts'
import { decodeHeaderFacts } from '../libraries/jwt-header.ts'
import { CachedFetch } from './cached-fetch.ts'
import { type Fetch, fetchJson } from './fetch-json.ts'
import { IssuerUnavailable } from './unavailable.ts'
import type { Verdict } from './verdict.ts'

/** What the verification of one issuer's JWTs works with. */
export interface JwtVerificationOptions {
  readonly issuer: string
  readonly audience: readonly string[] | undefined
  /** Claims to copy beside those that every token's are read for. */
  readonly claimNames: readonly string[]
  readonly fetch: Fetch
  readonly clock: Clock
  /** Gives the URL of the key set. */
  readonly findJwksUri: () => Promise<string>
}

/** Verifies the JWTs of one issuer. */
export interface JwtVerification {
  /**
   * Verifies a token.
   *
   * @returns `undefined` where nothing can be said: its key may be new, or it is signed in a way
   *   that is not supported here. Whoever sent the token chose that, so it says nothing of the
   *   issuer.
   * @throws {IssuerUnavailable} When its keys cannot be had.
   */
  verify(token: string): Promise<Verdict | undefined>
  readonly keys: CachedFetch<KeySet>
}

/** Finds the key of a token among those of an issuer. */
export interface KeySet {
  readonly size: number
  readonly find: ReturnType<typeof createLocalJWKSet>
}

const HOOK = 'recorder.jwt'

/** Signatures that a published key can prove. None is `none`, none is made with a shared secret. */
const ALGORITHMS: readonly string[] =
  'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA Ed25519 ML-DSA-44 ML-DSA-65 ML-DSA-87'.split(
    ' ',
  )

/**
 * Difference between clocks that is passed over. An issuer, an application and a recorder that
 * disagree by less must not make evidence of it.
 */
const TOLERANCE_SECONDS = 60

/** Keys are fetched every ten minutes, and for a key that is unknown at most twice a minute. */
const KEY_TIMES = { freshMillis: 600_000, staleMillis: 3_600_000, cooldownMillis: 30_000 }

/** `typ` of an access token (RFC 9068 §2.1); most issuers say no more than JWT. */
const TYPES: ReadonlySet<string> = new Set(['jwt', 'at+jwt', 'application/at+jwt'])

/** Signs that a JWT of the issuer is no access token: Keycloak's `typ`, Cognito's `token_use`. */
const OTHER_USES: readonly (readonly [string, ReadonlySet<unknown>])[] = [
  ['typ', new Set(['ID', 'Refresh', 'Offline', 'Logout'])],
  ['token_use', new Set(['id'])],
]

const REASONS: { readonly [code: string]: RejectionReason } = {
  ERR_JWT_EXPIRED: 'expired',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'bad_signature',
  ERR_JWKS_NO_MATCHING_KEY: 'key_not_found',
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: 'key_not_found',
  ERR_JOSE_ALG_NOT_ALLOWED: 'algorithm_not_allowed',
  ERR_JWT_INVALID: 'malformed',
  ERR_JWS_INVALID: 'malformed',
}

const CLAIM_REASONS: { readonly [claim: string]: RejectionReason } = {
  iss: 'wrong_issuer',
  aud: 'wrong_audience',
  nbf: 'not_yet_valid',
}

/** Creates the verification of one issuer's JWTs. */
export function createJwtVerification(options: JwtVerificationOptions): JwtVerification {
  const { audience, claimNames, clock, fetch, findJwksUri, issuer } = options
  const keys = new CachedFetch(
    async () => toKeySet(await fetchJson(fetch, await findJwksUri())),
    clock,
    KEY_TIMES,
  )

  async function verifyWith(token: string, keySet: KeySet): Promise<Verdict> {
    const { payload, protectedHeader } = await jwtVerify(token, keySet.find, {
      algorithms: [...ALGORITHMS],
      issuer,
      clockTolerance: TOLERANCE_SECONDS,
      currentDate: new Date(Number(clock.unixNanos() / 1_000_000n)),
      ...(audience === undefined ? {} : { audience: [...audience] }),
    })
    const facts = { hook: HOOK, ...decodeHeaderFacts(token) }
    const claims = copyClaims(payload, claimNames)
    if (!isAccessToken(payload, protectedHeader.typ)) {
      return { kind: 'refused', ...facts, reason: 'wrong_type', provenClaims: claims }
    }
    const { exp } = payload
    const expiresAt = typeof exp === 'number' ? (exp + TOLERANCE_SECONDS) * 1_000 : undefined
    return {
      kind: 'verified',
      ...facts,
      claims,
      ...(expiresAt === undefined ? {} : { expiresAt }),
    }
  }

  function toRefusal(token: string, error: unknown): Verdict | undefined {
    if (error instanceof IssuerUnavailable) throw error
    if (!(error instanceof errors.JOSEError)) throw new IssuerUnavailable('its key is no use')
    if (error instanceof errors.JOSENotSupported) return undefined
    const isProven =
      error instanceof errors.JWTExpired || error instanceof errors.JWTClaimValidationFailed
    return {
      kind: 'refused',
      hook: HOOK,
      reason: toReason(error),
      ...decodeHeaderFacts(token),
      ...(isProven ? { provenClaims: copyClaims(error.payload, claimNames) } : {}),
    }
  }

  return {
    keys,
    async verify(token) {
      try {
        return await verifyWith(token, await keys.get())
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) return toRefusal(token, error)
      }
      // A new key, perhaps. Asked a moment ago, nobody knows: that is no finding about the token.
      if (!keys.isDue) return undefined
      try {
        return await verifyWith(token, await keys.refetch())
      } catch (error) {
        return toRefusal(token, error)
      }
    },
  }
}

function toKeySet(body: { readonly [name: string]: unknown }): KeySet {
  const { keys } = body
  if (!Array.isArray(keys)) throw new IssuerUnavailable('its key set has no keys')
  try {
    return { size: keys.length, find: createLocalJWKSet(body as unknown as JSONWebKeySet) }
  } catch {
    throw new IssuerUnavailable('its key set is malformed')
  }
}

function isAccessToken(payload: object, typ: string | undefined): boolean {
  if (typ !== undefined && !TYPES.has(typ.toLowerCase())) return false
  return !OTHER_USES.some(
    ([claim, uses]) =>
      isObject(payload) && Object.hasOwn(payload, claim) && uses.has(payload[claim]),
  )
}

function toReason(error: errors.JOSEError): RejectionReason {
  if (error instanceof errors.JWTClaimValidationFailed) {
    return CLAIM_REASONS[error.claim] ?? 'wrong_claim'
  }
  return REASONS[error.code] ?? 'unknown'
}
