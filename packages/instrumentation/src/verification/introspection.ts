import type { Clock } from '@tokentrail/session'
import { copyClaims } from '../libraries/claims.ts'
import { decodeHeaderFacts } from '../libraries/jwt-header.ts'
import { type Fetch, fetchJson } from './fetch-json.ts'
import type { IntrospectionOptions } from './issuer.ts'
import { IssuerUnavailable } from './unavailable.ts'
import type { Verdict } from './verdict.ts'

/** Reads a text file; a parameter, so that nothing here touches a disk by itself. */
export type ReadFile = (path: string) => Promise<string>

/** What the introspection of one issuer's tokens works with. */
export interface IntrospectionParts {
  readonly issuer: string
  readonly options: IntrospectionOptions
  readonly audience: readonly string[] | undefined
  readonly claimNames: readonly string[]
  readonly fetch: Fetch
  readonly readFile: ReadFile
  readonly clock: Clock
  /** Gives the endpoint of the issuer's metadata. */
  readonly findEndpoint: () => Promise<string>
}

/** Asks one issuer about tokens. */
export interface Introspection {
  /** @throws {IssuerUnavailable} When it gives no answer. */
  verify(token: string): Promise<Verdict>
}

const HOOK = 'recorder.introspection'

/** How long nobody is asked after an endpoint gave no answer: it may be down, or overloaded. */
const COOLDOWN_NANOS = 10_000_000_000n

/** Longest that an answer counts: a token may be revoked meanwhile (RFC 7662 §4). */
const MAX_AGE_MILLIS = 300_000

/** Creates the introspection of one issuer's tokens (RFC 7662), by `client_secret_basic`. */
export function createIntrospection(parts: IntrospectionParts): Introspection {
  const { audience, claimNames, clock, fetch, findEndpoint, issuer, options } = parts

  function toVerdict(token: string, answer: { readonly [name: string]: unknown }): Verdict {
    const facts = { hook: HOOK, ...decodeHeaderFacts(token) }
    if (answer['active'] !== true) return { kind: 'refused', ...facts, reason: 'inactive' }
    const copied = copyClaims(answer, claimNames)
    // RFC 7662 §2.2 makes `iss` optional: who was asked speaks for its own tokens.
    const claims = typeof copied.iss === 'string' ? copied : { ...copied, iss: issuer }
    if (claims.iss !== issuer) return { kind: 'refused', ...facts, reason: 'wrong_issuer' }
    if (!hasAudience(claims.aud, audience)) {
      return { kind: 'refused', ...facts, reason: 'wrong_audience', provenClaims: claims }
    }
    return { kind: 'verified', ...facts, claims, expiresAt: expiryOf(claims.exp) }
  }

  function expiryOf(exp: unknown): number {
    const latest = Number(clock.unixNanos() / 1_000_000n) + MAX_AGE_MILLIS
    return typeof exp === 'number' ? Math.min(exp * 1_000, latest) : latest
  }

  async function ask(token: string): Promise<Verdict> {
    const endpoint = options.endpoint ?? (await findEndpoint())
    const answer = await fetchJson(fetch, endpoint, {
      method: 'POST',
      headers: {
        authorization: await authorizationOf(parts),
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams({ token, token_type_hint: 'access_token' }).toString(),
    })
    return toVerdict(token, answer)
  }

  let failure: { readonly error: IssuerUnavailable; readonly at: bigint } | undefined

  return {
    async verify(token) {
      const now = clock.unixNanos()
      if (failure !== undefined && now - failure.at < COOLDOWN_NANOS) throw failure.error
      try {
        const verdict = await ask(token)
        failure = undefined
        return verdict
      } catch (error) {
        if (error instanceof IssuerUnavailable && !isAboutToken(error)) {
          failure = { error, at: clock.unixNanos() }
        }
        throw error
      }
    },
  }
}

/** A bad request may be the token's fault: others are asked about all the same. */
function isAboutToken({ status }: IssuerUnavailable): boolean {
  return status === 400
}

/** RFC 6749 §2.3.1: id and secret are form-encoded before they are joined. */
async function authorizationOf({ options, readFile }: IntrospectionParts): Promise<string> {
  const { clientId, clientSecretFile } = options
  let secret: string
  try {
    secret = (await readFile(clientSecretFile)).trim()
  } catch {
    throw new IssuerUnavailable(`the secret file ${clientSecretFile} cannot be read`)
  }
  const [id, password] = [clientId, secret].map((part) =>
    new URLSearchParams([['', part]]).toString().slice(1),
  )
  return `Basic ${Buffer.from(`${id}:${password}`).toString('base64')}`
}

function hasAudience(aud: unknown, audience: readonly string[] | undefined): boolean {
  if (audience === undefined) return true
  const named: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  return audience.some((each) => named.includes(each))
}
