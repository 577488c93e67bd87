import { type Clock, createTokenBucket } from '@tokentrail/session'
import type { Fetch } from './fetch-json.ts'
import type { ReadFile } from './introspection.ts'
import { checkIssuer, type IssuerOptions, isUnprotected } from './issuer.ts'
import {
  createIssuerVerification,
  type IssuerState,
  type IssuerVerification,
} from './issuer-verification.ts'
import { createOwnWork } from './own-work.ts'
import { readTokenForm } from './token-form.ts'
import { createVerdictCache } from './verdict-cache.ts'
import type { Verdict } from './verdict.ts'
import { createWorkQueue } from './work-queue.ts'

/**
 * Verifies the tokens of issuers that an operator has named, so that a record says who asked also
 * where no library can be hooked. It never decides anything: the application does.
 */
export interface TokenVerifier {
  /**
   * Says what is known of a token, and begins to find out what is not. Never waits, and costs a
   * keyed hash and a look into a table.
   *
   * @param tell - Gets the verdict if it is not known yet: later, outside of the caller's context,
   *   and never where there is nothing to say (a token of somebody else, an issuer that does not
   *   answer, too many new tokens at once).
   */
  begin(token: string, tell: (verdict: Verdict) => void): KnownToken
  /** Tells how each issuer stands. */
  states(): readonly IssuerState[]
  /** Stops: what has not begun is given up. Idempotent. */
  close(): void
}

/** What is known of a token when it is presented. */
export interface KnownToken {
  /** Its keyed hash. */
  readonly fingerprint: string
  /** What was found out about it before. */
  readonly verdict?: Verdict
}

/** Options of {@link createTokenVerifier}. */
export interface TokenVerifierOptions {
  readonly issuers: readonly IssuerOptions[]
  /** Keyed hash of a token, the one that records are joined by. */
  readonly fingerprint: (token: string) => string
  readonly clock: Clock
  /** Reads a client's secret. */
  readonly readFile: ReadFile
  /** Claims to read beside those that every token is read for: roles, a tenant. Default is none. */
  readonly claimNames?: readonly string[]
  /** Default is the global `fetch`, as it is when it is called. */
  readonly fetch?: Fetch
  /** Told when an issuer stops or starts to answer. Default is to drop it. */
  readonly onHealth?: (line: string) => void
  /** Told of faults of who was told a verdict. Default is to drop them. */
  readonly onFault?: (error: unknown) => void
  /** Most verdicts that are remembered. At least 1. Default is 10000, about 10 MB. */
  readonly maxRemembered?: number
}

const MAX_RUNNING = 8
const MAX_WAITING = 1_000
/** Most requests that wait for verdicts, over all tokens: each keeps its facts in memory. */
const MAX_LISTENING = 4_000

/**
 * New tokens that are verified in a second, and at once. Whoever sends invented tokens gets no more
 * work than that out of this process, and an issuer no more questions.
 */
const RATES = { jwt: [200, 2_000], opaque: [20, 200] } as const

/** Longest token that is looked at; a request's header has 16 kB at most. */
const MAX_TOKEN_LENGTH = 16_384

type Tell = (verdict: Verdict) => void

/**
 * Creates the verification.
 *
 * @throws {TypeError} When an issuer's options are wrong, naming issuer and option.
 */
export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const { claimNames = [], clock, fingerprint, maxRemembered = 10_000, readFile } = options
  const { onFault = () => {}, onHealth = () => {} } = options
  const { fetch = (url: string, init: RequestInit) => globalThis.fetch(url, init) } = options
  for (const issuer of options.issuers) checkIssuer(issuer)
  const parts = { claimNames, clock, fetch, onHealth, readFile }
  const issuers = options.issuers.map((issuer) => createIssuerVerification(issuer, parts))
  const findCandidates = createCandidateFinder(issuers)
  const cache = createVerdictCache(maxRemembered)
  const queue = createWorkQueue(MAX_RUNNING, MAX_WAITING)
  const pending = new Map<string, Tell[]>()
  let listening = 0
  const jwts = createTokenBucket(...RATES.jwt)
  const opaque = createTokenBucket(...RATES.opaque)
  const runOutside = createOwnWork()
  let isClosed = false

  warnOfUnprotected(options.issuers, onHealth)

  async function findOut(token: string): Promise<Verdict | 'nothing'> {
    const { candidates, isJwt } = findCandidates(token)
    if (candidates.length === 0) return 'nothing'
    const isWithinRate = (isJwt ? jwts : opaque).take(clock.unixNanos())
    return isWithinRate ? ask(token, isJwt, candidates) : 'nothing'
  }

  async function work(token: string, mark: string, listeners: readonly Tell[]): Promise<void> {
    try {
      const verdict = await findOut(token)
      settle(mark, listeners)
      if (isClosed) return
      cache.set(mark, verdict, nowMillis())
      if (verdict !== 'nothing') for (const tell of listeners) tell(verdict)
    } catch (error) {
      settle(mark, listeners)
      onFault(error)
    }
  }

  function settle(mark: string, listeners: readonly Tell[]): void {
    pending.delete(mark)
    listening -= listeners.length
  }

  function start(token: string, mark: string, tell: Tell): void {
    const listeners = [tell]
    if (isClosed || token.length > MAX_TOKEN_LENGTH) return
    if (runOutside(() => queue.add(() => work(token, mark, listeners)))) {
      pending.set(mark, listeners)
      listening += 1
    }
  }

  function nowMillis(): number {
    return Number(clock.unixNanos() / 1_000_000n)
  }

  return {
    begin(token, tell) {
      const mark = fingerprint(token)
      const known = cache.get(mark, nowMillis())
      if (known === 'nothing') return { fingerprint: mark }
      if (known !== undefined) return { fingerprint: mark, verdict: known }
      const listeners = pending.get(mark)
      if (listeners === undefined) start(token, mark, tell)
      else if (listening < MAX_LISTENING) {
        listeners.push(tell)
        listening += 1
      }
      return { fingerprint: mark }
    },
    states: () => issuers.map((issuer) => issuer.state()),
    close() {
      isClosed = true
      queue.clear()
      pending.clear()
    },
  }
}

interface Candidates {
  readonly isJwt: boolean
  readonly candidates: readonly IssuerVerification[]
}

/** Finds who may know a token: the issuer that it names, or those that answer for opaque ones. */
function createCandidateFinder(
  issuers: readonly IssuerVerification[],
): (token: string) => Candidates {
  const byName = new Map(issuers.map((issuer) => [issuer.issuer, issuer]))
  const introspecting = issuers.filter(({ introspects }) => introspects)
  return (token) => {
    const { claimedIssuer, isJwt } = readTokenForm(token)
    if (!isJwt) return { isJwt, candidates: introspecting }
    const issuer = claimedIssuer === undefined ? undefined : byName.get(claimedIssuer)
    return { isJwt, candidates: issuer === undefined ? [] : [issuer] }
  }
}

/** Of several that answer for opaque tokens, one that is silent might have known it. */
async function ask(
  token: string,
  isJwt: boolean,
  candidates: readonly IssuerVerification[],
): Promise<Verdict | 'nothing'> {
  let refused: Verdict | 'nothing' = 'nothing'
  for (const issuer of candidates) {
    const verdict = await issuer.verify(token, isJwt)
    if (verdict === undefined) return 'nothing'
    if (verdict.kind === 'verified') return verdict
    refused = verdict
  }
  return refused
}

function warnOfUnprotected(
  issuers: readonly IssuerOptions[],
  onHealth: (line: string) => void,
): void {
  for (const { issuer } of issuers.filter(({ issuer }) => isUnprotected(issuer))) {
    onHealth(`The keys of ${issuer} come without TLS: who can alter them can invent identities.`)
  }
}
