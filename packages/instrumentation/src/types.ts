import type { InstrumentationConfig } from '@opentelemetry/instrumentation'
import type { Clock, EventFacts, RequestFacts, StampAttributes } from '@tokentrail/session'
import type { TokenVerifier } from './verification/token-verifier.ts'

/** What is known of a request's token while the request still runs. */
export type StampFacts = Pick<
  RequestFacts,
  'token' | 'scheme' | 'verified' | 'rejection' | 'statusCode' | 'challenges'
>

/**
 * Makes records and stamps out of facts. The recorder of `@tokentrail/session` is one; a test or an
 * application may bring its own.
 */
export interface OAuthRecorder {
  /** Takes the facts of one request, once, before its response ends. */
  recordRequest(facts: RequestFacts): void
  /**
   * Takes what the recorder's own verification learned of a request's token when the request was
   * over: the facts of {@link recordRequest} with `verified` or `finding`.
   */
  recordFinding?(facts: RequestFacts): void
  /** Takes what an authorization server did, or a client with sessions of its own. */
  recordEvent?(facts: EventFacts): void
  /** Attributes for the request's spans and log records; undefined when nothing is known. */
  stamp(facts: StampFacts): StampAttributes | undefined
  /**
   * What the response waits for once its request was recorded: resolves when the record is as safe
   * as was promised. `undefined`, or a recorder without it, holds nothing. It never throws and its
   * promise never rejects.
   */
  settled?(): Promise<void> | undefined
  /**
   * Whether a request that presents a token may reach the application. Where it may not it is
   * answered with 503, and not recorded. A recorder without it admits everything. It never throws.
   */
  admits?(): boolean
}

/**
 * Told of a fault of ours that was kept away from the application.
 *
 * @param where - Which of our handlers failed, e.g. `response.end`. Never a value of the request.
 * @param error - What was thrown. It may quote input: count it, do not print it.
 */
export type FaultHandler = (where: string, error: unknown) => void

/** Options of {@link OAuthInstrumentation}; all optional. Unknown names are refused. */
export interface OAuthInstrumentationConfig extends InstrumentationConfig {
  /**
   * Where facts go. Default is a recorder that emits each record through the OpenTelemetry Logs
   * API, with pseudonyms under a key that lives as long as the process: to look at, not evidence.
   */
  readonly recorder?: OAuthRecorder
  /**
   * How many proxies in front of the server append to `X-Forwarded-For`. At most 16. Default is 0:
   * the header is ignored and the peer of the connection is the client. Too high a value lets
   * clients choose their own address.
   */
  readonly trustedHops?: number
  /**
   * Verifies tokens of issuers that the operator has named, beside the application:
   * {@link createTokenVerifier}. Default is none: only what libraries verify is known.
   */
  readonly verifier?: TokenVerifier
  /** Libraries to leave alone, by name, e.g. `{ jose: false }`. Default is to hook all of them. */
  readonly libraries?: { readonly [name: string]: boolean }
  /**
   * Whether the request's server span is given every `oauth.*` attribute that is known. Default is
   * true.
   */
  readonly stampServerSpan?: boolean
  /** Whether every span of the request is given session, client and subject. Default is true. */
  readonly stampSpans?: boolean
  /**
   * Whether the application's log records are given the same, where {@link OAuthLogRecordProcessor}
   * sees them. Default is true.
   */
  readonly stampLogs?: boolean
  /**
   * Whether spans and log records that have no `session.id` are given the session under that name
   * too. OpenTelemetry means sessions of browsers by it, and front ends propagate theirs. Default
   * is false.
   */
  readonly stampSessionId?: boolean
  /**
   * Whether a request that presents a token is refused with 503, and never reaches the application,
   * when a handler of ours fails at its beginning. Default is false: it goes on, perhaps without a
   * record. A recorder refuses on its own account by {@link OAuthRecorder.admits}.
   */
  readonly failClosed?: boolean
  /** Source of the time that stands in a record. Default is the system's clock. */
  readonly clock?: Clock
  /** Told of faults that were caught. Default is OpenTelemetry's `diag`, without the error. */
  readonly onFault?: FaultHandler
  /**
   * Told once for each version of a library that was loaded and could not be hooked. Default is
   * OpenTelemetry's `diag`.
   */
  readonly onHookInactive?: (state: HookState) => void
}

/** Whether a hook works in this process, and if not, why. */
export interface HookState {
  /** `http`, or the name of a library in the table. */
  readonly name: string
  /**
   * - `live`: installed, it sees every call;
   * - `waiting`: the library has not been loaded yet;
   * - `inactive`: it cannot see calls, for {@link reason}.
   */
  readonly state: 'live' | 'waiting' | 'inactive'
  /** Why a hook is inactive, or what limits it; a sentence for an operator. */
  readonly reason?: string
  /** Versions of the library that were seen. */
  readonly versions?: readonly string[]
}
