import type { Clock } from '@tokentrail/session'
import { CachedFetch } from './cached-fetch.ts'
import type { Fetch } from './fetch-json.ts'
import { createIntrospection, type ReadFile } from './introspection.ts'
import type { IssuerOptions } from './issuer.ts'
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
   * @returns `undefined` where the issuer gives no answer: then there is nothing to say.
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
  let reason: string | undefined
  let isSeen = false
  let lastVerifiedAt: string | undefined

  function failed(error: unknown): undefined {
    const told = error instanceof IssuerUnavailable ? error.message : 'an internal error'
    if (reason === undefined) {
      onHealth(`Tokens of ${issuer} cannot be verified here: ${told}. Records do without.`)
    }
    reason = told
    counts.undecided += 1
    return undefined
  }

  function succeeded(verdict: Verdict): Verdict {
    if (reason !== undefined) onHealth(`Tokens of ${issuer} are verified here again.`)
    reason = undefined
    lastVerifiedAt = toIso(clock.unixNanos())
    counts[verdict.kind] += 1
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
