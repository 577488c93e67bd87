import { createSessionizer, type RecordDraft } from '@tokentrail/session'
import { describe, expect, it } from 'vitest'
import { readForSessionizer, restoreSessionizer } from '../../src/sessionizer/restore.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { buildText, pseudonym, START, type TextOptions } from '../texts.ts'

const MINUTE = 60_000_000_000n
const SESSION = pseudonym('session')

/** Fills a store; each record comes a minute after the one before it. */
function createStore(records: readonly TextOptions[]): Store {
  const store = openStore(':memory:')
  store.append(
    records.map((record, index) => ({
      text: buildText({ session: SESSION, index, time: START + BigInt(index) * MINUTE, ...record }),
    })),
  )
  return store
}

interface Derived {
  readonly type: string
  readonly reason: unknown
}

function describeDrafts(drafts: readonly RecordDraft[]): readonly Derived[] {
  return drafts.map(({ type, attributes = {} }) => ({
    type,
    reason: attributes['oauth.session.start_reason'] ?? attributes['oauth.session.end_reason'],
  }))
}

/** What a sessionizer derives that starts over a store, at once and then up to a time. */
function deriveAfterRestart(store: Store, now: bigint): readonly Derived[] {
  const sessionizer = createSessionizer({ idleMillis: 1_800_000 })
  const drafts = [...restoreSessionizer(sessionizer, store, now)]
  drafts.push(...sessionizer.tick(now), ...sessionizer.tick(now + MINUTE))
  return describeDrafts(drafts)
}

const observed: TextOptions = {
  type: 'oauth.token.observed',
  attributes: {
    'oauth.session.derivation': 'sid',
    'oauth.token.fingerprint': pseudonym('token'),
    'oauth.token.type': 'access_token',
    'oauth.validation.method': 'jwt',
  },
}
const derivedStart: TextOptions = {
  type: 'oauth.session.start',
  attributes: { 'oauth.session.derived': true, 'oauth.session.start_reason': 'first_seen' },
}
const derivedEnd: TextOptions = {
  type: 'oauth.session.end',
  attributes: { 'oauth.session.derived': true, 'oauth.session.end_reason': 'idle' },
}
const logout: TextOptions = {
  type: 'oauth.session.end',
  attributes: { 'oauth.session.end_reason': 'logout' },
}

describe('a restored sessionizer', () => {
  it('knows of a revocation that it had no time to make an end of', () => {
    const revoked: TextOptions = { type: 'oauth.grant.revoked' }
    const store = createStore([observed, derivedStart, {}, revoked])
    expect(deriveAfterRestart(store, START + 5n * MINUTE)).toEqual([
      { type: 'oauth.session.end', reason: 'revoked' },
    ])
  })

  it('derives no second start', () => {
    const store = createStore([observed, derivedStart, {}])
    expect(deriveAfterRestart(store, START + 5n * MINUTE)).toEqual([])
  })

  it('derives the start of a session that came while none ran', () => {
    const store = createStore([observed, {}])
    expect(deriveAfterRestart(store, START + 5n * MINUTE)).toEqual([
      { type: 'oauth.session.start', reason: 'first_seen' },
    ])
  })

  it('derives the end that fell due while none ran, once', () => {
    const store = createStore([observed, derivedStart, {}])
    expect(deriveAfterRestart(store, START + 90n * MINUTE)).toEqual([
      { type: 'oauth.session.end', reason: 'idle' },
    ])
  })

  it('derives nothing for a session that has ended, by evidence or by time', () => {
    for (const end of [logout, derivedEnd]) {
      const store = createStore([
        observed,
        derivedStart,
        {},
        { ...end, time: START + 40n * MINUTE },
      ])
      expect(deriveAfterRestart(store, START + 90n * MINUTE)).toEqual([])
    }
  })

  it('opens a session again that went on after it had idled', () => {
    const store = createStore([
      observed,
      derivedStart,
      { ...derivedEnd, time: START + 40n * MINUTE },
      { time: START + 50n * MINUTE },
    ])
    expect(deriveAfterRestart(store, START + 55n * MINUTE)).toEqual([
      { type: 'oauth.session.start', reason: 'first_seen' },
    ])
  })
})

describe('readForSessionizer', () => {
  it('gives a record the session that its token joins', () => {
    const bare = buildText({
      index: 9,
      attributes: { 'oauth.token.fingerprint': pseudonym('token') },
    })
    const store = createStore([observed])
    store.append([{ text: bare }])
    expect(readForSessionizer(store, 2)?.session).toBe(SESSION)
  })

  it('passes over what is no canonical record of a session', () => {
    const store = createStore([{ type: 'tokentrail.log.open' }])
    store.append([{ text: `${buildText({ index: 1 })} ` }])
    expect(store.records).toBe(2)
    expect(readForSessionizer(store, 1)).toBeUndefined()
    expect(readForSessionizer(store, 2)).toBeUndefined()
  })
})
