import {
  ATTR_COMPLIANCE_FRAMEWORK,
  EVENT_OAUTH_TOKEN_OBSERVED,
} from '@tokentrail/semantic-conventions'
import type { Clock } from '../clock.ts'
import type { RequestFacts } from '../facts.ts'
import type { Attributes } from '../record.ts'
import { requestToken } from '../request/judge.ts'
import type { RecordSink } from '../sink.ts'
import type { TokenFacts } from '../token/token-facts.ts'
import type { RequestToken } from '../token/token-reader.ts'
import { buildFindingAttributes } from './finding-attributes.ts'
import type { LogMemory } from './log-memory.ts'
import { buildRequestDraft } from './request-draft.ts'

/** What a token is told of with. */
export interface TokenObserverParts {
  readonly sink: RecordSink
  readonly memory: LogMemory
  readonly clock: Clock
  readonly frameworksOf: (facts: RequestFacts) => readonly string[]
}

/** What is known of a request when its token is told of. */
export interface Observation {
  /** Whether the application accepted the request. */
  readonly allowed: boolean
  /** Whether the request has its record already. */
  readonly late: boolean
}

/** Tells of tokens, once per log and framework. Owned by one recorder. */
export interface TokenObserver {
  (facts: RequestFacts, token: RequestToken | undefined, observation: Observation): void
}

/** Creates the observer: `oauth.token.observed` of good tokens, and of bad ones that were accepted. */
export function createTokenObserver(parts: TokenObserverParts): TokenObserver {
  const { clock, frameworksOf, memory, sink } = parts

  function append(
    facts: RequestFacts,
    token: TokenFacts | undefined,
    attributes: Attributes,
    late: boolean,
  ): void {
    const draft = buildRequestDraft(EVENT_OAUTH_TOKEN_OBSERVED, facts, { token, attributes, clock })
    if (late) draft.observed = String(clock.unixNanos())
    sink.append(draft, memory.meetIdentities(token?.identities ?? []))
  }

  function observeGood(facts: RequestFacts, token: TokenFacts, late: boolean): void {
    const frameworks = frameworksOf(facts)
    if (!memory.meetToken(token.fingerprint, frameworks)) return
    const attributes =
      frameworks.length === 0
        ? token.attributes
        : { ...token.attributes, [ATTR_COMPLIANCE_FRAMEWORK]: frameworks }
    append(facts, token, attributes, late)
  }

  function observeBad(facts: RequestFacts, fingerprint: string, late: boolean): void {
    const { finding } = facts
    if (finding === undefined || finding.token !== requestToken(facts)) return
    const frameworks = frameworksOf(facts)
    if (!memory.meetToken(`${finding.reason} ${fingerprint}`, frameworks)) return
    append(facts, undefined, buildFindingAttributes(finding, fingerprint, frameworks), late)
  }

  return (facts, token, { allowed, late }) => {
    if (token === undefined) return
    memory.enter(sink.origin)
    if (token.facts !== undefined && token.verified === true) observeGood(facts, token.facts, late)
    if (allowed) observeBad(facts, token.fingerprint, late)
  }
}
