import type { Clock } from '@tokentrail/session'
import type { Decision } from './decision.ts'
import { parseChallenges } from './inbound/challenge.ts'
import { buildRequestFacts } from './inbound/request-facts.ts'
import { reportFault } from './safe.ts'
import { applyStamp } from './stamp.ts'
import type { FaultHandler, OAuthRecorder } from './types.ts'

/** What {@link Capture} works with; fixed for its life. */
export interface CaptureOptions {
  readonly recorder: OAuthRecorder
  readonly clock: Clock
  readonly trustedHops: number
  readonly stampsSpans: boolean
  readonly onFault: FaultHandler
}

/** Carries what was seen of requests to the recorder, and what that makes of it back to the spans. */
export class Capture {
  readonly stampsSpans: boolean
  readonly onFault: FaultHandler
  readonly #recorder: OAuthRecorder
  readonly #clock: Clock
  readonly #trustedHops: number

  constructor(options: CaptureOptions) {
    this.stampsSpans = options.stampsSpans
    this.onFault = options.onFault
    this.#recorder = options.recorder
    this.#clock = options.clock
    this.#trustedHops = options.trustedHops
  }

  /** Requests without a token matter only when they are refused for want of one. */
  isWanted(decision: Decision): boolean {
    if (decision.presented !== undefined) return true
    const { statusCode } = decision.response
    return statusCode === 401 || statusCode === 403
  }

  /** Stamps what has started already; called when a hook learned something. Never throws. */
  enrich(decision: Decision): void {
    try {
      const { presented, verified, rejection } = decision
      const stamp = this.#recorder.stamp({
        ...(presented === undefined ? {} : { token: presented.token, scheme: presented.scheme }),
        ...(verified === undefined ? {} : { verified }),
        ...(rejection === undefined ? {} : { rejection }),
      })
      applyStamp(decision, stamp)
    } catch (error) {
      reportFault(this.onFault, 'stamp', error)
    }
  }

  /** Hands the request to the recorder. The caller guards it and calls it once. */
  record(decision: Decision, complete: boolean, challenge: unknown): void {
    const facts = buildRequestFacts(
      decision,
      {
        time: this.#clock.unixNanos().toString(),
        complete,
        challenges: challenge === undefined ? [] : parseChallenges(challenge),
      },
      this.#trustedHops,
    )
    this.#recorder.recordRequest(facts)
    try {
      applyStamp(decision, this.#recorder.stamp(facts))
    } catch (error) {
      reportFault(this.onFault, 'stamp', error)
    }
  }
}
