import type { Clock } from '@tokentrail/session'
import { CachedFetch } from './cached-fetch.ts'
import type { Fetch } from './fetch-json.ts'
import { createIntrospection, type ReadFile } from './introspection.ts'
import type { IssuerOptions } from './issuer.ts'
import { createIssuerHealth } from './issuer-health.ts'
import { createJwtVerification } from './jwt-verification.ts'
import { fetchMetadata } from './metadata.ts'
import { IssuerUnavailable } from './unavailable.ts'
import type { Verdict } from './verdict.ts'

/** What an issuer's verification has come to, for an operator; no credential stands in it. */
export interface IssuerState {
  readonly issuer: string
  /**
   * - `waiting`: none of its tokens has been seen;
   * - `ready`: the last attempt to verify one gave an answer;
   * - `unreachable`: it gave none, for {@link reason}.
   */
  readonly state: 'waiting' | 'ready' | 'unreachable'
  readonly reason?: string
  /** Keys at hand, and when they were fetched (ISO 8601). */
  readonly keys?: number
  readonly keysFetchedAt?: string
  /** When a token was last verified or refused (ISO 8601). */
  readonly lastVerifiedAt?: string
  /** Tokens found good, found bad, and not decided for want of an answer. */
  readonly verified: number
  readonly refused: number
  readonly undecided: number
  /** Whether opaque tokens are asked about. */
  readonly introspects: boolean
}

/** Verifies the tokens of one issuer. */
export interface IssuerVerification {
  readonly issuer: string
  readonly introspects: boolean
  /**
   * Verifies a token.
   *
   * @returns `undefined` where there is nothing to say, because the issuer does not answer, say.
   */
  verify(token: string, isJwt: boolean): Promise<Verdict | undefined>
  state(): IssuerState
}

/** What an issuer's verification works with. */
export interface IssuerParts {
  readonly fetch: Fetch
  readonly readFile: ReadFile
  readonly clock: Clock
  readonly claimNames: readonly string[]
  /** Told when an issuer stops or starts to answer, one line for an operator. */
  readonly onHealth: (line: string) => void
}

/** Metadata hardly ever changes. */
const METADATA_TIMES = { freshMillis: 3_600_000, staleMillis: 86_400_000, cooldownMillis: 30_000 }

/** Creates the verification of one issuer's tokens. Nothing is fetched before one is seen. */
export function createIssuerVerification(
  options: IssuerOptions,
  parts: IssuerParts,
): IssuerVerification {
  const { audience, introspection, issuer, jwksUri } = options
  const { clock, fetch, onHealth } = parts
  const metadata = new CachedFetch(() => fetchMetadata(fetch, issuer), clock, METADATA_TIMES)
  const shared = { ...parts, issuer, audience }
  const jwts = createJwtVerification({
    ...shared,
    findJwksUri: async () => jwksUri ?? named((await metadata.get()).jwksUri, 'jwks_uri'),
  })
  const asked =
    introspection === undefined
      ? undefined
      : createIntrospection({
          ...shared,
          options: introspection,
          findEndpoint: async () =>
            named((await metadata.get()).introspectionEndpoint, 'introspection_endpoint'),
        })
  const counts = { verified: 0, refused: 0, undecided: 0 }
  const health = createIssuerHealth(issuer, clock, onHealth)
  let isSeen = false
  let lastVerifiedAt: string | undefined

  function failed(error: unknown): undefined {
    counts.undecided += 1
    health.failed(error instanceof IssuerUnavailable ? error.message : 'an internal error')
  }

  function succeeded(verdict: Verdict | undefined): Verdict | undefined {
    counts[verdict?.kind ?? 'undecided'] += 1
    if (verdict === undefined) return undefined
    lastVerifiedAt = toIso(clock.unixNanos())
    health.succeeded()
    return verdict
  }

  return {
    issuer,
    introspects: asked !== undefined,
    async verify(token, isJwt) {
      isSeen = true
      try {
        const verification = isJwt ? jwts : asked
        return verification === undefined ? undefined : succeeded(await verification.verify(token))
      } catch (error) {
        return failed(error)
      }
    },
    state() {
      const { fetchedAt } = jwts.keys
      const { reason } = health
      return {
        issuer,
        state: reason === undefined ? (isSeen ? 'ready' : 'waiting') : 'unreachable',
        ...(reason === undefined ? {} : { reason }),
        ...(fetchedAt === undefined
          ? {}
          : {
              keys: jwts.keys.current?.size ?? 0,
              keysFetchedAt: new Date(fetchedAt).toISOString(),
            }),
        ...(lastVerifiedAt === undefined ? {} : { lastVerifiedAt }),
        ...counts,
        introspects: asked !== undefined,
      }
    },
  }
}

function named(value: string | undefined, member: string): string {
  if (value === undefined) throw new IssuerUnavailable(`its metadata has no usable ${member}`)
  return value
}

function toIso(unixNanos: bigint): string {
  return new Date(Number(unixNanos / 1_000_000n)).toISOString()
}
