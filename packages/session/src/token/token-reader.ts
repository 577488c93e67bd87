import { createLru } from '../lru.ts'
import type { RequestFacts, TokenRejection, VerifiedToken } from '../facts.ts'
import { requestToken } from '../request/judge.ts'
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

/** Most remembered facts of tokens, by fingerprint. */
const MAX_REMEMBERED = 4_096

/**
 * Creates a reader. Facts are remembered twice: for the request, by the object that the hook handed
 * over (one that is stamped is stamped again, and recorded), and across requests by fingerprint and
 * hook, for methods where the same token always has the same claims. An introspection may answer
 * differently each time.
 */
export function createTokenReader(reading: TokenReading): TokenReader {
  const { pseudonyms } = reading
  const byRequest = new WeakMap<Proof, ProvenToken>()
  const byFingerprint = createLru<string, Remembered>(MAX_REMEMBERED)

  function factsOf(
    proven: VerifiedToken,
    fingerprint: string,
  ): Pick<ProvenToken, 'facts' | 'told'> {
    const { hook, method } = proven
    if (method !== 'jwt' && method !== 'recorder') {
      return { facts: readTokenFacts(proven, fingerprint, reading), told: undefined }
    }
    const known = byFingerprint.get(fingerprint)
    if (known?.hook === hook) return known
    const facts = readTokenFacts(proven, fingerprint, reading)
    const remembered = { hook, facts, told: { generation: -1, frameworks: [] } }
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
    const fingerprint = fingerprintOf(request, token)
    const { facts, told } = factsOf(toVerified(proof, token), fingerprint)
    const verified = 'claims' in proof
    // The remembered string, equal to the new one, has its hash for the tables that follow.
    return { fingerprint: facts.fingerprint, facts, verified, told }
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
