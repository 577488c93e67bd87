import type { Clock, EventFacts, RequestFacts } from '@tokentrail/session'
import type { Decision } from '../decision.ts'
import type { OAuthRecorder } from '../types.ts'

/** Most events of one request that wait; what comes beyond them is recorded without its status. */
const MAX_EVENTS = 256

/**
 * What libraries did while a request was served: it waits until the response is about to end, since
 * the status belongs to it. What happened outside of a request, or after its end, is recorded at
 * once.
 */
export class RequestEvents {
  readonly #recorder: OAuthRecorder
  readonly #clock: Clock
  readonly #waiting = new WeakMap<Decision, EventFacts[]>()

  constructor(recorder: OAuthRecorder, clock: Clock) {
    this.#recorder = recorder
    this.#clock = clock
  }

  /** Takes an event; `decision` is that of the request in whose context it was seen. */
  take(event: EventFacts, decision: Decision | undefined): void {
    const timed = { time: this.#clock.unixNanos().toString(), ...event }
    const waiting = decision === undefined ? undefined : this.#waiting.get(decision)
    if (decision === undefined) this.#recorder.recordEvent?.(timed)
    else if (decision.facts !== undefined) {
      this.#recorder.recordEvent?.({ ...timed, request: decision.facts })
    } else if (waiting === undefined) this.#waiting.set(decision, [timed])
    else if (waiting.length < MAX_EVENTS) waiting.push(timed)
    else this.#recorder.recordEvent?.(timed)
  }

  /** Whether something happened while the request was served. */
  has(decision: Decision): boolean {
    return this.#waiting.has(decision)
  }

  /**
   * Records what happened, with the facts of the request.
   *
   * @returns Whether a refusal is among it, so that the request has its record.
   */
  end(decision: Decision, request: RequestFacts): boolean {
    const waiting = this.#waiting.get(decision) ?? []
    this.#waiting.delete(decision)
    for (const event of waiting) this.#recorder.recordEvent?.({ ...event, request })
    return waiting.some(({ kind }) => kind === 'request_refused')
  }
}
