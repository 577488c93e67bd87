import {
  EVENT_OAUTH_REQUEST,
  EVENT_OAUTH_REQUEST_REJECTED,
  type RejectionReason,
} from '@tokentrail/semantic-conventions'
import type { Clock } from '../clock.ts'
import type { EventFacts } from '../events/event-facts.ts'
import { createEventRecorder } from '../events/event-recorder.ts'
import type { RequestFacts, StampAttributes } from '../facts.ts'
import type { Policy } from '../policy/policy.ts'
import { createPolicyMatcher } from '../policy/policy-matcher.ts'
import { createProfileFinder, type ProfileFinderOptions } from '../profiles/profile-finder.ts'
import type { Pseudonymizer } from '../pseudonym.ts'
import type { Identity } from '../record.ts'
import { judge, type Judgement } from '../request/judge.ts'
import { buildRequestAttributes } from '../request/request-attributes.ts'
import type { RecordSink } from '../sink.ts'
import type { Checksum } from '../token/signed-tokens.ts'
import { createTokenReader } from '../token/token-reader.ts'
import { buildAggregateDraft } from './aggregate-draft.ts'
import { findAlike, likenessOf, noteAlike } from './alike.ts'
import { createClientNaming } from './client-naming.ts'
import type { Identification } from './identification.ts'
import { createLogMemory, type LogMemoryOptions } from './log-memory.ts'
import { createProofMemory } from './proof-memory.ts'
import { createRejectionBudget, type RejectionLimits } from './rejection-budget.ts'
import type { RejectionCount } from './rejection-counts.ts'
import { buildRequestDraft, timeOfRequest } from './request-draft.ts'
import { buildStamp, type StampFacts } from './stamp.ts'
import { createTokenObserver } from './token-observer.ts'
import { isTold, noteTold } from './told-tokens.ts'

/** Turns what was seen of requests into records. Used by one process's capture. */
export interface Recorder {
  /**
   * Records a request: its identities, the token if this log has not told of it, and the request or
   * its rejection. A request without a token that was not refused for lack of one leaves no record.
   * A rejection attributed to nobody may be counted instead: {@link RejectionLimits}. Never throws;
   * when it returns, the records are with the sink.
   */
  recordRequest(facts: RequestFacts): void

  /**
   * Records what the recorder's own verification learned of a request's token when the request was
   * over: `oauth.token.observed`, which the fingerprint joins to the request's record. Never
   * throws.
   *
   * @param facts - Those of {@link recordRequest}, with `verified` or `finding`.
   */
  recordFinding(facts: RequestFacts): void

  /**
   * Records what an authorization server did, or a client with sessions of its own, and what
   * follows from it: the start of a session, the ends of a grant's sessions. Never throws.
   */
  recordEvent(facts: EventFacts): void

  /**
   * Records what was counted. Call it now and then, for a time in which nothing is rejected, and
   * before the log is closed. Never throws.
   *
   * @param due - Whether to record only some of those that have waited long enough, for a call that
   *   comes again. Default is false: all of them.
   */
  flush(due?: boolean): void

  /**
   * Gives what the request's spans and log records carry, once somebody verified its token or its
   * response is known; undefined while there is nothing to say. Computed once per verified token
   * object, so calling it for each span is cheap. Never throws.
   */
  stamp(facts: StampFacts): StampAttributes | undefined

  /** What the response waits for; see `settled` of {@link RecordSink}. Never throws. */
  settled(): Promise<void> | undefined

  /** Whether a request may be begun; see `admits` of {@link RecordSink}. Never throws. */
  admits(): boolean
}

/** Options of {@link createRecorder}. */
export interface RecorderOptions {
  readonly sink: RecordSink
  /** Makes the keyed pseudonyms; its key is the one that `log.open` names. */
  readonly pseudonyms: Pseudonymizer
  /** Routes to frameworks: {@link parsePolicy}. */
  readonly policy: Policy
  /** Gives the time of a request whose facts name none. */
  readonly clock: Clock
  /**
   * Gets every fault of the recorder itself, so that capture can count it and record a gap. What it
   * throws is dropped. Default is to drop the fault.
   */
  readonly onFault?: (error: unknown) => void
  /** How records name people. Default is `pseudonym`. */
  readonly subject?: Identification
  /** How records name client addresses. Default is `pseudonym`. */
  readonly address?: Identification
  /** How issuers' tokens name things. Default is what an issuer's form tells, without roles. */
  readonly claims?: ProfileFinderOptions
  /** Which rejections are recorded one by one. */
  readonly rejections?: RejectionLimits
  /**
   * A checksum of a text, such as `crc32` of `node:zlib`. With it a signed token that comes again
   * is recognised by its signature, and is not hashed again. Default is none: every token is
   * hashed.
   */
  readonly checksum?: Checksum
  /** Bounds of the tables of "once per log". */
  readonly memory?: LogMemoryOptions
}

/** Most counts that become records in one call that comes again. */
const MAX_AT_ONCE = 20

const NO_FRAMEWORKS: readonly string[] = Object.freeze([])

const IDENTIFICATIONS: ReadonlySet<string> = new Set(['pseudonym', 'plain', 'off'])

/**
 * Creates a recorder.
 *
 * @throws {TypeError} When an option is wrong, naming it.
 */
export function createRecorder(options: RecorderOptions): Recorder {
  const { clock, onFault, pseudonyms, sink, subject = 'pseudonym', address = 'pseudonym' } = options
  checkIdentification('subject', subject)
  checkIdentification('address', address)
  const reading = {
    pseudonyms,
    identification: subject,
    profileOf: createProfileFinder(options.claims),
  }
  const tokens = createTokenReader({ ...reading, checksum: options.checksum })
  const policy = createPolicyMatcher(options.policy)
  const memory = createLogMemory(options.memory)
  const clients = createClientNaming(pseudonyms, address)
  const rejections = createRejectionBudget(options.rejections)
  const proofs = createProofMemory(pseudonyms)
  const observe = createTokenObserver({ sink, memory, clock, frameworksOf })
  const events = createEventRecorder({
    reading,
    pseudonyms,
    sink,
    memory,
    clients,
    clock,
    frameworksOf: (request) => (request === undefined ? NO_FRAMEWORKS : frameworksOf(request)),
    isCounted: (reason, request) => request !== undefined && isOverBudget(reason, request),
  })

  function frameworksOf({ method, path, route }: RequestFacts): readonly string[] {
    return policy.frameworksOf(method, route ?? path ?? '')
  }

  function append(facts: RequestFacts, judgement: Judgement): void {
    const denied = judgement.decision === 'deny'
    const token = tokens.read(facts, denied)
    const proven = token?.facts
    const frameworks = frameworksOf(facts)
    memory.enter(sink.origin)
    const told = facts.finding === undefined && isTold(token, frameworks, memory.generation)
    if (!told) observe(facts, token, { allowed: !denied, late: false })
    const identities: Identity[] = told ? [] : [...(proven?.identities ?? [])]
    const address = clients.addressOf(facts.clientAddress, identities)
    const userAgent = clients.userAgentOf(facts.userAgent, identities)
    // What was told stays so: of a request like one before, every attribute is known already.
    const alike = told && !denied ? token?.told?.alike : undefined
    const likeness = alike && likenessOf(facts, address, userAgent)
    const known = alike && likeness && findAlike(alike, likeness)
    const attributes =
      known ??
      buildRequestAttributes({
        request: facts,
        judgement,
        token,
        frameworks,
        firstSeen: !told && proven !== undefined && memory.meetSession(proven.session.key),
        address,
        userAgent,
        pseudonyms,
      })
    if (alike && likeness && !known) noteAlike(alike, likeness, Object.freeze(attributes))
    const type = denied ? EVENT_OAUTH_REQUEST_REJECTED : EVENT_OAUTH_REQUEST
    const draft = buildRequestDraft(type, facts, { token: proven, attributes, clock })
    sink.append(draft, memory.meetIdentities(identities))
    if (!told) noteTold(token, frameworks, memory.generation)
  }

  function isCounted(facts: RequestFacts, judgement: Judgement): boolean {
    if (judgement.decision === 'allow' || tokens.isAttributed(facts)) return false
    return isOverBudget(judgement.reason, facts)
  }

  function isOverBudget(reason: RejectionReason, facts: RequestFacts): boolean {
    const counted = {
      source: address === 'off' ? undefined : facts.clientAddress,
      reason,
      time: timeOfRequest(facts, clock),
      frameworks: frameworksOf(facts),
    }
    return !rejections.admit(counted, clock.unixNanos())
  }

  function appendCounts(counts: readonly RejectionCount[]): void {
    for (const count of counts) {
      memory.enter(sink.origin)
      const identities: Identity[] = []
      const draft = buildAggregateDraft(count, clients.addressOf(count.source, identities))
      sink.append(draft, memory.meetIdentities(identities))
    }
  }

  function guard<Value>(run: () => Value): Value | undefined {
    try {
      return run()
    } catch (error) {
      report(onFault, error)
      return undefined
    }
  }

  return {
    recordRequest(seen) {
      guard(() => {
        const { dpopProofId } = seen
        const facts = dpopProofId === undefined ? seen : proofs.judge(seen, clock.unixNanos())
        const judgement = judge(facts)
        if (judgement === undefined) return
        if (!isCounted(facts, judgement)) append(facts, judgement)
        else appendCounts(rejections.takeDue(clock.unixNanos(), 1))
      })
    },
    recordFinding(facts) {
      guard(() => {
        const judgement = judge(facts)
        if (judgement === undefined) return
        const denied = judgement.decision === 'deny'
        observe(facts, tokens.read(facts, denied), { allowed: !denied, late: true })
      })
    },
    recordEvent: (facts) => guard(() => events.record(facts)),
    flush(due = false) {
      guard(() =>
        appendCounts(
          due ? rejections.takeDue(clock.unixNanos(), MAX_AT_ONCE) : rejections.takeAll(),
        ),
      )
    },
    stamp: (facts) => guard(() => buildStamp(facts, tokens.readProven(facts))),
    settled: () => sink.settled?.(),
    admits: () => sink.admits?.() !== false,
  }
}

function checkIdentification(name: string, value: string): void {
  if (!IDENTIFICATIONS.has(value)) throw new TypeError(`"${name}" must be pseudonym, plain or off`)
}

function report(onFault: RecorderOptions['onFault'], error: unknown): void {
  try {
    onFault?.(error)
  } catch {
    // Whoever counts faults must not become one: a request is on the stack.
  }
}
