import {
  ATTR_COMPLIANCE_FRAMEWORK,
  EVENT_OAUTH_REQUEST,
  EVENT_OAUTH_REQUEST_REJECTED,
  EVENT_OAUTH_TOKEN_OBSERVED,
} from '@tokentrail/semantic-conventions'
import { MAX_STRING_BYTES, UNIX_NANOS } from '../bounds.ts'
import { readText } from '../token/claims.ts'
import type { Clock } from '../clock.ts'
import type { RequestFacts, StampAttributes } from '../facts.ts'
import type { Identification } from './identification.ts'
import { judge, type Judgement } from '../request/judge.ts'
import { createLogMemory, type LogMemoryOptions } from './log-memory.ts'
import { createLru } from '../lru.ts'
import type { Policy } from '../policy/policy.ts'
import { createPolicyMatcher } from '../policy/policy-matcher.ts'
import { createProfileFinder, type ProfileFinderOptions } from '../profiles/profile-finder.ts'
import type { Pseudonymizer } from '../pseudonym.ts'
import type { Attributes, Identity, RecordDraft } from '../record.ts'
import { buildRequestAttributes } from '../request/request-attributes.ts'
import type { RecordSink } from '../sink.ts'
import { buildStamp, type StampFacts } from './stamp.ts'
import type { TokenFacts } from '../token/token-facts.ts'
import { createTokenReader, type RequestToken } from '../token/token-reader.ts'
import { isSpanId, isTraceId } from '../request/trace-context.ts'
import { mayHoldCredential, userAgentFamily } from '../request/user-agent.ts'
import { cutUtf8 } from '../utf8.ts'

/** Turns what was seen of requests into records. Used by one process's capture. */
export interface Recorder {
  /**
   * Records a request: its identities, the token if this log has not told of it, and the request or
   * its rejection. A request without a token that was not refused for lack of one leaves no record.
   * Never throws; when it returns, the records are with the sink.
   */
  recordRequest(facts: RequestFacts): void

  /**
   * Gives what the request's spans and log records carry, once somebody verified its token or its
   * response is known; undefined while there is nothing to say. Computed once per verified token
   * object, so calling it for each span is cheap. Never throws.
   */
  stamp(facts: StampFacts): StampAttributes | undefined
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
  /** Bounds of the tables of "once per log". */
  readonly memory?: LogMemoryOptions
}

/** A user agent as records name it, and the clear value behind. */
interface UserAgent {
  readonly pseudonym: string
  readonly family: string
  /** Undefined where the clear text must not be kept. */
  readonly identity: Identity | undefined
}

/** Most remembered user agents, and the longest of them. */
const MAX_USER_AGENTS = 1_024
const MAX_KEPT_LENGTH = 512

type Writable<T> = { -readonly [Name in keyof T]: T[Name] }

const IDENTIFICATIONS: ReadonlySet<string> = new Set(['pseudonym', 'plain', 'off'])

/** Creates a recorder. */
export function createRecorder(options: RecorderOptions): Recorder {
  const { clock, onFault, pseudonyms, sink, subject = 'pseudonym', address = 'pseudonym' } = options
  if (!IDENTIFICATIONS.has(subject))
    throw new TypeError('"subject" must be pseudonym, plain or off')
  if (!IDENTIFICATIONS.has(address))
    throw new TypeError('"address" must be pseudonym, plain or off')
  const tokens = createTokenReader({
    pseudonyms,
    identification: subject,
    profileOf: createProfileFinder(options.claims),
  })
  const policy = createPolicyMatcher(options.policy)
  const memory = createLogMemory(options.memory)
  const userAgents = createLru<string, UserAgent>(MAX_USER_AGENTS)

  function draftOf(
    type: string,
    facts: RequestFacts,
    token: TokenFacts | undefined,
    attributes: Attributes,
  ): RecordDraft {
    const { span, trace } = facts
    const draft: Writable<RecordDraft> = {
      type,
      time: UNIX_NANOS.test(facts.time) ? facts.time : String(clock.unixNanos()),
      attributes,
    }
    if (token !== undefined) draft.session = token.session.key
    if (trace !== undefined && isTraceId(trace)) draft.trace = trace
    if (span !== undefined && isSpanId(span)) draft.span = span
    return draft
  }

  function observe(facts: RequestFacts, token: TokenFacts, frameworks: readonly string[]): void {
    if (!memory.meetToken(token.fingerprint, frameworks)) return
    const attributes =
      frameworks.length === 0
        ? token.attributes
        : { ...token.attributes, [ATTR_COMPLIANCE_FRAMEWORK]: frameworks }
    sink.append(
      draftOf(EVENT_OAUTH_TOKEN_OBSERVED, facts, token, attributes),
      memory.meetIdentities(token.identities),
    )
  }

  function addressOf({ clientAddress }: RequestFacts, identities: Identity[]): string | undefined {
    const value = readText(clientAddress)
    if (value === undefined || address === 'off') return undefined
    if (address === 'plain') return value
    const pseudonym = pseudonyms.pseudonymOf('address', '', value)
    identities.push({ kind: 'address', issuer: '', pseudonym, value })
    return pseudonym
  }

  function userAgentOf({ userAgent }: RequestFacts, identities: Identity[]): UserAgent | undefined {
    if (userAgent === undefined || userAgent === '') return undefined
    const known = userAgents.get(userAgent) ?? readUserAgent(userAgent)
    if (known.identity !== undefined) identities.push(known.identity)
    return known
  }

  function readUserAgent(userAgent: string): UserAgent {
    const value = cutUtf8(userAgent.toWellFormed(), MAX_STRING_BYTES)
    const pseudonym = pseudonyms.pseudonymOf('user_agent', '', value)
    const identity: Identity | undefined = mayHoldCredential(value)
      ? undefined
      : { kind: 'user_agent', issuer: '', pseudonym, value }
    const read = { pseudonym, family: userAgentFamily(value), identity }
    if (userAgent.length <= MAX_KEPT_LENGTH) userAgents.set(userAgent, read)
    return read
  }

  function append(
    facts: RequestFacts,
    judgement: Judgement,
    token: RequestToken | undefined,
  ): void {
    memory.enter(sink.origin)
    const proven = token?.facts
    const frameworks = policy.frameworksOf(facts.method, facts.route ?? facts.path ?? '')
    if (proven !== undefined && token?.verified === true) observe(facts, proven, frameworks)
    memory.enter(sink.origin)
    const identities: Identity[] = [...(proven?.identities ?? [])]
    const attributes = buildRequestAttributes({
      request: facts,
      judgement,
      token,
      frameworks,
      firstSeen: proven !== undefined && memory.meetSession(proven.session.key),
      address: addressOf(facts, identities),
      userAgent: userAgentOf(facts, identities),
      pseudonyms,
    })
    const type = judgement.decision === 'deny' ? EVENT_OAUTH_REQUEST_REJECTED : EVENT_OAUTH_REQUEST
    sink.append(draftOf(type, facts, proven, attributes), memory.meetIdentities(identities))
  }

  return {
    recordRequest(facts) {
      try {
        const judgement = judge(facts)
        if (judgement !== undefined) append(facts, judgement, tokens.read(facts))
      } catch (error) {
        report(onFault, error)
      }
    },
    stamp(facts) {
      try {
        return buildStamp(facts, tokens.readProven(facts))
      } catch (error) {
        report(onFault, error)
        return undefined
      }
    },
  }
}

function report(onFault: RecorderOptions['onFault'], error: unknown): void {
  try {
    onFault?.(error)
  } catch {
    // Whoever counts faults must not become one: a request is on the stack.
  }
}
