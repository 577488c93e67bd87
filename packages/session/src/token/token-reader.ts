import { createLru } from '../lru.ts'
import type { AlikeRequests } from '../recorder/alike.ts'
import type { RequestFacts, TokenRejection, VerifiedToken } from '../facts.ts'
import { requestToken } from '../request/judge.ts'
import { type Checksum, createSignedTokens } from './signed-tokens.ts'
import { readTokenFacts, type TokenFacts, type TokenReading } from './token-facts.ts'

/** The token of a request: always a fingerprint, and more only where somebody verified it. */
export interface RequestToken {
  readonly fingerprint: string
  readonly facts?: TokenFacts
  /** Whether it was found good, not only proven while it was refused. */
  readonly verified?: boolean
  /** What the log was told of a token whose facts are remembered. The recorder writes it. */
  readonly told?: ToldOfToken | undefined
}

/** What a log was told of a token, with a request that it was good in. */
export interface ToldOfToken {
  /** Generation of the log's memory. */
  generation: number
  /** Frameworks of that request. */
  frameworks: readonly string[]
  /** Requests with the token since, with these frameworks. */
  readonly alike: AlikeRequests
}

/** The part of a request's facts that is about tokens. */
export type TokenBearing = Pick<
  RequestFacts,
  'token' | 'fingerprint' | 'scheme' | 'verified' | 'rejection' | 'finding'
>

/** A refusal that came after the signature was found good. */
type ProvenRejection = TokenRejection & Required<Pick<TokenRejection, 'provenClaims'>>

type Proof = VerifiedToken | ProvenRejection
type ProvenToken = Required<RequestToken>

interface Remembered {
  readonly hook: string
  readonly facts: TokenFacts
  readonly told: ToldOfToken
  /** What the reader answers where the token was found good. */
  readonly good: ProvenToken
}

/** Reads the tokens of requests. Owned by one recorder. */
export interface TokenReader {
  /**
   * Gives the request's token; undefined where none was presented.
   *
   * @param denied - Whether the request was refused. Only then the claims of a token that the
   *   recorder itself has proven, but has something against, say who asked.
   */
  read(request: TokenBearing, denied: boolean): RequestToken | undefined
  /** Whether somebody has proven who is behind a refused request, without hashing its token. */
  isAttributed(request: TokenBearing): boolean
  /** Gives the facts of the request's token if it is proven, without hashing one that is not. */
  readProven(request: TokenBearing): TokenFacts | undefined
}

/** What a reader works with. */
export interface TokenReaderOptions extends TokenReading {
  /** With one, a token that a library has found good before is not hashed again. */
  readonly checksum?: Checksum | undefined
}

/** Most remembered facts of tokens, by fingerprint. */
const MAX_REMEMBERED = 4_096

/**
 * Creates a reader. Facts are remembered twice: for the request, by the object that the hook handed
 * over (one that is stamped is stamped again, and recorded), and across requests by fingerprint and
 * hook, for methods where the same token always has the same claims. An introspection may answer
 * differently each time. With a checksum the most frequent of them, a good JWT of the request, is
 * found by its signature instead ({@link createSignedTokens}): on a server's cold caches hashing a
 * token costs 6 µs of the 40 that a record took.
 */
export function createTokenReader(options: TokenReaderOptions): TokenReader {
  const { checksum, pseudonyms } = options
  const byRequest = new WeakMap<Proof, ProvenToken>()
  const byFingerprint = createLru<string, Remembered>(MAX_REMEMBERED)
  const bySignature =
    checksum === undefined ? undefined : createSignedTokens<Remembered>(MAX_REMEMBERED, checksum)

  function factsOf(
    proven: VerifiedToken,
    fingerprint: string,
  ): Pick<Remembered, 'facts'> & Partial<Remembered> {
    const { hook, method } = proven
    if (method !== 'jwt' && method !== 'recorder') {
      return { facts: readTokenFacts(proven, fingerprint, options) }
    }
    const known = byFingerprint.get(fingerprint)
    if (known?.hook === hook) return known
    const facts = readTokenFacts(proven, fingerprint, options)
    const told = { generation: -1, frameworks: [], alike: [] }
    // The remembered string, equal to the new one, has its hash for the tables that follow.
    const good = { fingerprint: facts.fingerprint, facts, verified: true, told }
    const remembered = { hook, facts, told, good }
    byFingerprint.set(fingerprint, remembered)
    return remembered
  }

  function fingerprintOf(request: TokenBearing, token: string): string {
    return request.fingerprint !== undefined && request.token === token
      ? request.fingerprint
      : pseudonyms.pseudonymOf('token', '', token)
  }

  function readProof(proof: Proof, request: TokenBearing, token: string): ProvenToken {
    const known = byRequest.get(proof)
    if (known !== undefined) return known
    if (!('claims' in proof)) return hashAndRead(proof, request, token)
    if (bySignature === undefined || proof.method !== 'jwt' || request.fingerprint !== undefined) {
      return hashAndRead(proof, request, token)
    }
    const met = bySignature.find(token)
    return met?.hook === proof.hook ? met.good : hashAndRead(proof, request, token)
  }

  function hashAndRead(proof: Proof, request: TokenBearing, token: string): ProvenToken {
    const fingerprint = fingerprintOf(request, token)
    const remembered = factsOf(toVerified(proof, token), fingerprint)
    const { facts, good, told } = remembered
    if (!('claims' in proof) || good === undefined) {
      return { fingerprint: facts.fingerprint, facts, verified: 'claims' in proof, told }
    }
    if (proof.method === 'jwt') bySignature?.add(token, remembered as Remembered)
    return good
  }

  return {
    read(request, denied) {
      const token = requestToken(request)
      if (token === undefined) return undefined
      const proof = proofOf(request, token, denied)
      return proof === undefined
        ? { fingerprint: fingerprintOf(request, token) }
        : readProof(proof, request, token)
    },
    isAttributed(request) {
      const token = requestToken(request)
      return token !== undefined && proofOf(request, token, true) !== undefined
    },
    readProven(request) {
      const token = requestToken(request)
      const proof = token === undefined ? undefined : proofOf(request, token, false)
      if (token === undefined || proof === undefined) return undefined
      const read = readProof(proof, request, token)
      // Only a stamp is asked for more than once.
      byRequest.set(proof, read)
      return read.facts
    },
  }
}

/** The proof that is about this very token: of two tokens in one request only one is the request's. */
function proofOf(
  { finding, rejection, verified }: TokenBearing,
  token: string,
  denied: boolean,
): Proof | undefined {
  if (verified !== undefined && verified.token === token) return verified
  if (isProven(rejection, token)) return rejection
  return denied && isProven(finding, token) ? finding : undefined
}

function isProven(
  rejection: TokenRejection | undefined,
  token: string,
): rejection is ProvenRejection {
  return rejection?.token === token && rejection.provenClaims !== undefined
}

function toVerified(proof: Proof, token: string): VerifiedToken {
  if ('claims' in proof) return proof
  const { algorithm, hook, keyId, provenClaims } = proof
  return {
    token,
    method: 'jwt',
    hook,
    claims: provenClaims,
    ...(keyId === undefined ? {} : { keyId }),
    ...(algorithm === undefined ? {} : { algorithm }),
  }
}
