import type {
  Challenge,
  Clock,
  EventFacts,
  StampAttributes,
  VerifiedToken,
} from '@tokentrail/session'
import type { Decision, Stamper } from './decision.ts'
import { RequestEvents } from './events/request-events.ts'
import { parseChallenges } from './inbound/challenge.ts'
import { holdUntil } from './inbound/hold.ts'
import { buildRequestFacts } from './inbound/request-facts.ts'
import type { ResponseObserver, ResponseProgress } from './inbound/response-watch.ts'
import type { ObservedFact } from './hooks/library.ts'
import type { FactReceiver } from './hooks/probe.ts'
import { PendingFacts } from './pending-facts.ts'
import { reportFault, runSafely } from './safe.ts'
import { SdkStamps } from './stamps/sdk-stamps.ts'
import { stampStartedSpans } from './stamps/stamp.ts'
import type { Stamping } from './stamps/stamping.ts'
import type { FaultHandler, OAuthRecorder, StampFacts } from './types.ts'
import { type OwnFacts, toOwnFacts, withOwnFacts } from './verification/own-facts.ts'
import type { TokenVerifier } from './verification/token-verifier.ts'

const NO_CHALLENGES: readonly Challenge[] = Object.freeze([])

/** What {@link Capture} works with; fixed for its life. */
export interface CaptureOptions {
  readonly recorder: OAuthRecorder
  readonly verifier?: TokenVerifier | undefined
  readonly clock: Clock
  readonly trustedHops: number
  readonly stamping: Stamping
  /** See `failClosed` of the instrumentation's options. */
  readonly failClosed: boolean
  readonly onFault: FaultHandler
}

/** Carries what was seen of requests to the recorder, and what that makes of it back to the spans. */
export class Capture implements ResponseObserver<Decision>, Stamper, FactReceiver {
  readonly stamping: Stamping
  readonly onFault: FaultHandler
  readonly notes: WeakMap<object, string> = new WeakMap()
  /**
   * Set by the first request with a token, the first event and the first session: a process that
   * serves none is left alone.
   */
  isServing = false
  readonly #pending: PendingFacts
  readonly #sdkStamps: SdkStamps
  readonly #events: RequestEvents
  readonly #recorder: OAuthRecorder
  readonly #verifier: TokenVerifier | undefined
  readonly #clock: Clock
  readonly #trustedHops: number
  readonly #failClosed: boolean

  constructor(options: CaptureOptions) {
    this.stamping = options.stamping
    this.onFault = options.onFault
    this.#recorder = options.recorder
    this.#verifier = options.verifier
    this.#clock = options.clock
    this.#pending = new PendingFacts(options.clock)
    this.#sdkStamps = new SdkStamps(options.stamping, options.onFault)
    this.#events = new RequestEvents(options.recorder, options.clock)
    this.#trustedHops = options.trustedHops
    this.#failClosed = options.failClosed
  }

  /**
   * Requests without a token matter only when they are refused for want of one, or by a hook, when
   * a session stands for it, or when something happened.
   */
  isWanted(decision: Decision): boolean {
    const { presented, rejection, verified } = decision
    if (presented !== undefined || verified !== undefined || rejection !== undefined) return true
    if (this.#events.has(decision)) return true
    const { statusCode } = decision.response
    return statusCode === 401 || statusCode === 403
  }

  onToken(decision: Decision): void {
    this.isServing = true
    runSafely(this.onFault, 'stamp', () => this.#sdkStamps.adopt())
    const { token } = decision
    const verifier = this.#verifier
    if (verifier === undefined || token === undefined) return
    runSafely(this.onFault, 'verification', () => {
      const { fingerprint, verdict } = verifier.begin(token, (found) =>
        this.#found(decision, toOwnFacts(token, fingerprint, found)),
      )
      decision.own = toOwnFacts(token, fingerprint, verdict)
    })
  }

  /** What was found out goes into the request's record, or after it where there is one already. */
  #found(decision: Decision, own: OwnFacts): void {
    runSafely(this.onFault, 'verification', () => {
      decision.own = own
      const { facts } = decision
      if (facts === undefined) decision.learned()
      else if (facts.verified === undefined || own.finding !== undefined) {
        this.#recorder.recordFinding?.(withOwnFacts(facts, own))
      }
    })
  }

  take(fact: ObservedFact, decision: Decision | undefined): void {
    if (fact === undefined) return
    if ('route' in fact) {
      if (decision !== undefined) decision.route = fact.route
    } else if ('event' in fact) this.#happened(fact.event, decision)
    else if ('session' in fact) this.#identify(fact.session, decision)
    else if ('verified' in fact) {
      if (decision === undefined) this.#pending.addVerified(fact.verified)
      else decision.addVerified(fact.verified)
    } else if (decision === undefined) this.#pending.addRejection(fact.rejection)
    else decision.addRejection(fact.rejection)
  }

  /** From here on the process serves what has no token of its own: clients that ask for one. */
  #happened(event: EventFacts, decision: Decision | undefined): void {
    this.isServing = true
    this.#events.take(event, decision)
  }

  /**
   * From here on the process serves sessions, which hooks may say more of. Where the context was
   * lost, a hook cannot know that the token was presented.
   */
  #identify(session: VerifiedToken, decision: Decision | undefined): void {
    this.isServing = true
    if (decision === undefined) this.#pending.addVerified(session)
    else decision.identify(session)
  }

  /** Stamps what has started already. Never throws. */
  onFact(decision: Decision): void {
    try {
      stampStartedSpans(decision)
    } catch (error) {
      reportFault(this.onFault, 'stamp', error)
    }
  }

  stampOf(decision: Decision): StampAttributes | undefined {
    try {
      return this.#recorder.stamp(decision.facts ?? toTokenFacts(decision))
    } catch (error) {
      reportFault(this.onFault, 'stamp', error)
      return undefined
    }
  }

  /** Hands the request to the recorder. The caller guards it and calls it once. */
  ended(decision: Decision, progress: ResponseProgress, challenge: unknown): void {
    this.#pending.join(decision)
    const seen = buildRequestFacts(
      decision,
      {
        time: this.#clock.unixNanos().toString(),
        progress,
        challenges: challenge === undefined ? NO_CHALLENGES : parseChallenges(challenge),
      },
      this.#trustedHops,
    )
    const facts = withOwnFacts(seen, decision.own)
    if (!this.#events.end(decision, facts)) this.#recorder.recordRequest(facts)
    decision.facts = facts
    decision.learned()
    if (progress !== 'aborted') this.#hold(decision)
    decision.release()
  }

  passed(decision: Decision): void {
    decision.release()
  }

  /** Whether the application may see this request: without a token it is no concern of ours. */
  admits({ presented }: Decision): boolean {
    return presented === undefined || this.#recorder.admits?.() !== false
  }

  /**
   * Whether a request at whose beginning we failed may not reach the application.
   *
   * @param decision - What was opened for it; where nothing was, nobody knows whether it has a
   *   token, and closed means closed.
   */
  refusesAfterFault(decision: Decision | undefined): boolean {
    return this.#failClosed && (decision === undefined || decision.presented !== undefined)
  }

  /** The bytes that are about to go wait until the record is as safe as the recorder promises. */
  #hold({ outlet }: Decision): void {
    const settled = this.#recorder.settled?.()
    if (settled !== undefined && outlet !== undefined) holdUntil(outlet, settled)
  }
}

function toTokenFacts({ own, presented, verified, rejection }: Decision): StampFacts {
  const seen: StampFacts = {
    ...(presented === undefined ? {} : { token: presented.token, scheme: presented.scheme }),
    ...(verified === undefined ? {} : { verified }),
    ...(rejection === undefined ? {} : { rejection }),
  }
  return withOwnFacts(seen, own)
}
