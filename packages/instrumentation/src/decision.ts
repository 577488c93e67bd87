import { AsyncLocalStorage } from 'node:async_hooks'
import type { Writable } from 'node:stream'
import type { Span } from '@opentelemetry/api'
import {
  identityOfStamp,
  type RequestFacts,
  type StampAttributes,
  type TokenRejection,
  type VerifiedToken,
} from '@tokentrail/session'
import { findPresentedToken, type PresentedToken } from './inbound/authorization.ts'
import type { ServedRequest, ServedResponse } from './inbound/served.ts'
import type { Stamping } from './stamps/stamping.ts'
import type { OwnFacts } from './verification/own-facts.ts'

/** What a decision asks of those who make stamps. */
export interface Stamper {
  /** Called when a request with a token begins. */
  onToken(decision: Decision): void
  /** Called after a fact about the request arrived: stamps the spans that have started. */
  onFact(decision: Decision): void
  /** Makes the stamp; undefined when there is nothing to say. Never throws. */
  stampOf(decision: Decision): StampAttributes | undefined
}

const GONE_REQUEST: ServedRequest = Object.freeze({ headers: {}, socket: undefined })
const GONE_RESPONSE: ServedResponse = Object.freeze({
  headersSent: true,
  statusCode: 0,
  getHeader: () => undefined,
})

/**
 * What is known of one request so far. Opened before the application sees the request, filled by
 * library hooks, read once when the response is about to end. Only the hooks of this package, in
 * the request's own asynchronous context, touch it.
 */
export class Decision {
  /** Without content once {@link release} was called, as {@link response} is. */
  request: ServedRequest
  response: ServedResponse
  /** Token of the `Authorization` header, or failing that of the query. */
  readonly presented: PresentedToken | undefined
  readonly #stamper: Stamper
  #stamp: StampAttributes | undefined
  #isStampStale = false
  #identity: StampAttributes | undefined
  /** The stamp that the identity was taken from. */
  #identified: StampAttributes | undefined
  #verified: VerifiedToken | undefined
  #rejection: TokenRejection | undefined

  /** What the response's bytes go through: a connection, or an HTTP/2 stream. */
  outlet: Writable | undefined
  /** Span of the request, once somebody has seen it. */
  serverSpan: Span | undefined
  /** Template of the route that the framework chose, where a hook saw it. */
  route: string | undefined
  /** What the recorder's own verification found out about the token, if it takes part. */
  own: OwnFacts | undefined
  /** What was handed to the recorder, once it was. */
  facts: RequestFacts | undefined
  /** What the stamp goes onto. */
  readonly stamping: Stamping
  /** Set while a hooked function runs: what it calls inside says nothing new. */
  insideHook = false

  constructor(
    request: ServedRequest,
    response: ServedResponse,
    stamping: Stamping,
    stamper: Stamper,
  ) {
    this.request = request
    this.response = response
    this.presented = findPresentedToken(request)
    this.stamping = stamping
    this.#stamper = stamper
    if (this.presented === undefined) return
    stamper.onToken(this)
    this.#isStampStale = this.own !== undefined
  }

  /** The presented token, for hooks. */
  get token(): string | undefined {
    return this.presented?.token
  }

  get verified(): VerifiedToken | undefined {
    return this.#verified
  }

  get rejection(): TokenRejection | undefined {
    return this.#rejection
  }

  /**
   * What the request's spans and log records carry, once its token is known. Made when somebody
   * asks: a request without spans and log records does without.
   */
  get stamp(): StampAttributes | undefined {
    if (this.#isStampStale) {
      this.#isStampStale = false
      this.#stamp = this.#stamper.stampOf(this) ?? this.#stamp
    }
    return this.#stamp
  }

  /**
   * Takes a success. Only the token of the `Authorization` header is the request's token. An
   * earlier refusal was another attempt (a second key, a second issuer) and no longer counts. What
   * an application looked up does not replace what a library proved on its behalf.
   */
  addVerified(verified: VerifiedToken): void {
    if (verified.token !== this.token) return
    if (verified.method === 'lookup' && this.#verified !== undefined) return
    this.#verified = verified
    this.#rejection = undefined
    this.learned()
  }

  /** Takes who is behind a session of the application's own, where no token was presented. */
  identify(session: VerifiedToken): void {
    if (this.presented !== undefined) return
    this.#verified = session
    this.learned()
  }

  /** Takes a refusal; the first reason that says something stays. */
  addRejection(rejection: TokenRejection): void {
    if (rejection.token !== this.token) return
    if (this.#rejection !== undefined && this.#rejection.reason !== 'unknown') return
    this.#rejection = rejection
    this.learned()
  }

  /** The part of {@link stamp} that says who: for every span and log record of the request. */
  get identity(): StampAttributes | undefined {
    const { stamp } = this
    if (stamp !== this.#identified) {
      this.#identified = stamp
      this.#identity = stamp === undefined ? undefined : identityOfStamp(stamp)
    }
    return this.#identity
  }

  /**
   * Lets go of request, response and connection, of which nothing is asked any more. The
   * asynchronous context of a kept connection holds on to its last decision, which would keep all
   * of it alive until the next request: at a thousand requests a second that made V8 double the
   * young generation twice (20 MiB).
   */
  release(): void {
    this.request = GONE_REQUEST
    this.response = GONE_RESPONSE
    this.outlet = undefined
  }

  /** There is more to say than the spans that have started carry. */
  learned(): void {
    this.#isStampStale = true
    this.#stamper.onFact(this)
  }
}

const decisions = new AsyncLocalStorage<Decision | undefined>()

/** Opens a decision for the rest of this asynchronous context. */
export function enterDecision(decision: Decision | undefined): void {
  decisions.enterWith(decision)
}

/** Calls a function with a decision opened for it and all that it starts. */
export function runInDecision<Result>(
  decision: Decision,
  call: (this: unknown, ...args: unknown[]) => Result,
  self: unknown,
  args: ArrayLike<unknown>,
): Result {
  return decisions.run(decision, () => Reflect.apply(call, self, args))
}

/** The decision of the request that is being served; undefined outside of one. */
export function currentDecision(): Decision | undefined {
  return decisions.getStore()
}
