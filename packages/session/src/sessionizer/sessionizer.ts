import {
  ATTR_OAUTH_REJECTION_REASON,
  ATTR_OAUTH_SESSION_PREVIOUS_ID,
  EVENT_OAUTH_REQUEST,
  EVENT_OAUTH_SESSION_END,
  EVENT_OAUTH_SESSION_START,
  EVENT_OAUTH_TOKEN_INTROSPECTED,
  EVENT_OAUTH_TOKEN_ISSUED,
  EVENT_OAUTH_TOKEN_OBSERVED,
  EVENT_OAUTH_TOKEN_REFRESHED,
  type SessionEndReason,
} from '@tokentrail/semantic-conventions'
import type { DecodedRecord } from '../decode/decode.ts'
import { createLru } from '../lru.ts'
import type { AttributeValue, RecordDraft } from '../record.ts'
import { buildSessionEnd, buildSessionStart } from './session-drafts.ts'
import { createSessionIndex } from './session-index.ts'
import { endByEvidence, endByTime, isFinal, readEndReason } from './session-end.ts'
import {
  createSessionState,
  learn,
  learnFacts,
  reopenSessionState,
  type SessionEnd,
  type SessionState,
  uidOf,
} from './session-state.ts'

/** Derives the starts and ends of sessions from all records. Pure: it keeps no time of its own. */
export interface Sessionizer {
  /**
   * Takes one record, in about the order in which things happened; a record seen before changes
   * nothing.
   *
   * @param now - Nanoseconds since 1970 UTC: when it was learned.
   * @returns Drafts to be recorded, starts before ends; mostly none.
   */
  add(record: DecodedRecord, now: bigint): readonly RecordDraft[]

  /**
   * Lets time pass: gives starts and ends that waited for what others saw, and ends by time. Call
   * it about once a second; it costs some 150 ns an open session.
   */
  tick(now: bigint): readonly RecordDraft[]

  /** Sessions that are open now. */
  readonly openSessions: number
  /** Sessions forgotten because too many were open: their ends will not be derived. */
  readonly forgottenSessions: number
}

/** Options of {@link createSessionizer}. */
export interface SessionizerOptions {
  /** Time without activity after which a session ends. Default is 1800000 (30 minutes). */
  readonly idleMillis?: number
  /**
   * How long records of other logs may come late, a start or end that somebody saw among them: what
   * is derived waits that long. Default is 2000 (two seconds).
   */
  readonly latenessMillis?: number
  /**
   * Most open sessions, and most ended ones that are remembered. An even number. Default is 50000,
   * some 2 KB each. Beyond it the session that was quiet longest is forgotten.
   */
  readonly maxSessions?: number
}

/** Records that say: the session is used. A rejection does not. */
const ACTIVITY: ReadonlySet<string> = new Set([
  EVENT_OAUTH_REQUEST,
  EVENT_OAUTH_TOKEN_INTROSPECTED,
  EVENT_OAUTH_TOKEN_ISSUED,
  EVENT_OAUTH_TOKEN_OBSERVED,
  EVENT_OAUTH_TOKEN_REFRESHED,
])

/** What is remembered of a session that ended. */
interface EndedSession {
  readonly nanos: bigint
  readonly reason: SessionEndReason
  readonly facts: ReadonlyMap<string, AttributeValue>
}

/**
 * Creates a sessionizer. Its drafts carry `oauth.session.derived`, the rule as start or end reason,
 * the ids of the records that they rest on, and when they were derived (`observed`).
 *
 * **Restart.** Its state is in what the store holds: feed it the starts and ends first, seen and
 * derived, oldest first; then, before the first `tick`, the records of the sessions that are still
 * open (those since the last idle time will do). It derives nothing twice: what has a start or an
 * end gets none.
 *
 * - After `idle` or `expired` a further accepted request opens the same id again, from that request
 *   on. After a logout, a revocation or a replacement it does not.
 * - A start or end that somebody saw is taken as it is; nothing is derived beside it.
 */
export function createSessionizer(options: SessionizerOptions = {}): Sessionizer {
  const idleNanos = toNanos('idleMillis', options.idleMillis ?? 1_800_000)
  const latenessNanos = toNanos('latenessMillis', options.latenessMillis ?? 2_000)
  const maxSessions = options.maxSessions ?? 50_000
  const ended = createLru<string, EndedSession>(maxSessions, 'maxSessions')
  const open = new Map<string, SessionState>()
  const index = createSessionIndex()
  let forgotten = 0

  function close(state: SessionState, end: SessionEnd): void {
    drop(state)
    ended.set(state.id, { nanos: end.nanos, reason: end.reason, facts: state.facts })
  }

  function drop(state: SessionState): void {
    open.delete(state.id)
    index.drop(state)
  }

  /** Puts the state last: the map's order is that of activity. */
  function keep(state: SessionState): void {
    open.delete(state.id)
    open.set(state.id, state)
    index.put(state)
    if (open.size <= maxSessions) return
    const quietest = open.values().next()
    if (quietest.done === true) return
    drop(quietest.value)
    forgotten++
  }

  function start(state: SessionState, now: bigint): readonly RecordDraft[] {
    if (state.started) return []
    state.started = true
    return [buildSessionStart(state, now)]
  }

  function end(state: SessionState, how: SessionEnd, now: bigint): readonly RecordDraft[] {
    const drafts = [...start(state, now), buildSessionEnd(state, how, now)]
    close(state, how)
    return drafts
  }

  /** Gives the session's state, opening it (again) unless it ended for good or after this record. */
  function stateFor(id: string, record: DecodedRecord, now: bigint): SessionState | undefined {
    const state = open.get(id)
    if (state !== undefined) return state
    const before = ended.get(id)
    if (before === undefined) return createSessionState(id, record, now)
    if (isFinal(before.reason) || BigInt(record.time) <= before.nanos) return undefined
    return reopenSessionState(id, record, now, before.facts)
  }

  function addActivity(id: string, record: DecodedRecord, now: bigint): readonly RecordDraft[] {
    const drafts = endBefore(open.get(id), record, now)
    const state = stateFor(id, record, now)
    if (state === undefined) return drafts
    learn(state, record)
    keep(state)
    // Nobody tells of the start of a session that goes on.
    return state.reopened === true ? [...drafts, ...start(state, now)] : drafts
  }

  /** Ends what there is evidence against, once it is used again after that. */
  function endBefore(
    state: SessionState | undefined,
    record: DecodedRecord,
    now: bigint,
  ): readonly RecordDraft[] {
    const how = state?.evidence?.end
    if (state === undefined || how === undefined || BigInt(record.time) <= how.nanos) return []
    return end(state, how, now)
  }

  function addStart(id: string, record: DecodedRecord, now: bigint): readonly RecordDraft[] {
    const nanos = BigInt(record.time)
    const before = ended.get(id)
    if (before !== undefined && nanos <= before.nanos) return []
    const state = open.get(id) ?? createSessionState(id, record, now)
    state.started = true
    learnFacts(state, record)
    keep(state)
    const previous = record.attributes[ATTR_OAUTH_SESSION_PREVIOUS_ID]
    const replaced = typeof previous === 'string' ? open.get(previous) : undefined
    if (replaced === undefined || replaced === state) return []
    return end(
      replaced,
      { nanos, reason: 'replaced', uids: [replaced.seenUid, uidOf(record)] },
      now,
    )
  }

  function addEnd(id: string, record: DecodedRecord, now: bigint): readonly RecordDraft[] {
    const nanos = BigInt(record.time)
    const reason = readEndReason(record)
    const state = open.get(id)
    const before = ended.get(id)
    if (state === undefined) {
      const facts = before?.facts ?? new Map<string, AttributeValue>()
      if (before === undefined || !isFinal(before.reason)) ended.set(id, { nanos, reason, facts })
      return []
    }
    // The end of an earlier opening, read once more; or one by time that activity has refuted.
    if (nanos < state.start.nanos || (!isFinal(reason) && state.seenNanos > nanos)) return []
    const drafts = start(state, now)
    close(state, { nanos, reason, uids: [] })
    return drafts
  }

  /** Whoever revokes mostly tells of the end as well: what there is evidence of waits for that. */
  function addEvidence(id: string, record: DecodedRecord, now: bigint): void {
    const state = open.get(id)
    if (state === undefined || state.evidence !== undefined) return
    const how = endByEvidence(state, record)
    if (how !== undefined) state.evidence = { end: how, learnedNanos: now }
  }

  function endDue(state: SessionState, now: bigint): SessionEnd | undefined {
    const { evidence } = state
    if (evidence !== undefined && now >= evidence.learnedNanos + latenessNanos) return evidence.end
    return endByTime(state, now, idleNanos, latenessNanos)
  }

  return {
    add(record, now) {
      const sessions = index.sessionsOf(record)
      const [id] = sessions
      if (id === undefined) return []
      if (record.type === EVENT_OAUTH_SESSION_START) return addStart(id, record, now)
      if (record.type === EVENT_OAUTH_SESSION_END) return addEnd(id, record, now)
      if (!ACTIVITY.has(record.type)) {
        for (const session of sessions) addEvidence(session, record, now)
        return []
      }
      const refused = record.attributes[ATTR_OAUTH_REJECTION_REASON] !== undefined
      return refused ? [] : addActivity(id, record, now)
    },
    tick(now) {
      const drafts: RecordDraft[] = []
      for (const state of open.values()) {
        if (now >= state.arrivedNanos + latenessNanos) drafts.push(...start(state, now))
        const how = endDue(state, now)
        if (how !== undefined) drafts.push(...end(state, how, now))
      }
      return drafts
    },
    get openSessions() {
      return open.size
    },
    get forgottenSessions() {
      return forgotten
    },
  }
}

function toNanos(option: string, millis: number): bigint {
  if (!Number.isSafeInteger(millis) || millis < 0) {
    throw new TypeError(`"${option}" must be an integer of at least 0`)
  }
  return BigInt(millis) * 1_000_000n
}
