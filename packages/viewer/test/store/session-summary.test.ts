import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readText, type RecordFacts } from '../../src/store/record-facts.ts'
import { createSession, foldRecord, type StoredSession } from '../../src/store/session-summary.ts'
import { buildText, pseudonym, START, type TextOptions } from '../texts.ts'

const ID = pseudonym('session')
const MINUTE = 60_000_000_000n

function facts(options: TextOptions): RecordFacts {
  const read = readText(buildText({ session: ID, ...options }), undefined)
  if (read.kind !== 'record') throw new Error('the test built no record')
  return read.facts
}

function fold(records: readonly RecordFacts[]): StoredSession {
  const [first = facts({})] = records
  return records.reduce<StoredSession>(foldRecord, createSession(ID, first))
}

const request = (at: bigint): RecordFacts => facts({ time: START + at * MINUTE })
const end = (at: bigint, reason: string, derived: boolean): RecordFacts =>
  facts({
    type: 'oauth.session.end',
    time: START + at * MINUTE,
    attributes: {
      'oauth.session.end_reason': reason,
      ...(derived ? { 'oauth.session.derived': true } : {}),
    },
  })

describe('a session', () => {
  it('counts requests and rejections and keeps the first and last sign of life', () => {
    const rejected = facts({ type: 'oauth.request.rejected', time: START + 9n })
    expect(fold([request(2n), request(1n), rejected])).toMatchObject({
      requests: 3,
      rejections: 1,
      firstSeen: String(START + 9n),
      lastSeen: String(START + 2n * MINUTE),
      active: true,
      services: ['orders-api'],
    })
  })

  it('prefers a seen end to a derived one', () => {
    const session = fold([request(0n), end(30n, 'idle', true), end(5n, 'logout', false)])
    expect(session.end).toMatchObject({ reason: 'logout', derived: false })
  })

  it.each([
    ['idle', true, true],
    ['expired', true, true],
    ['logout', false, false],
    ['revoked', false, false],
  ])('that ended as %s is opened again by a request: %s', (reason, derived, active) => {
    expect(fold([request(0n), end(30n, reason, derived)]).active).toBe(false)
    expect(fold([request(0n), end(30n, reason, derived), request(40n)]).active).toBe(active)
  })

  it('is not opened again by a refusal after it ended', () => {
    const refused = facts({ type: 'oauth.request.rejected', time: START + 40n * MINUTE })
    const session = fold([request(0n), end(30n, 'expired', true), refused])
    expect(session).toMatchObject({ active: false, rejections: 1 })
  })

  it.each(['oauth.token.revoked', 'oauth.grant.revoked'])(
    'is not opened again by %s after it ended',
    (type) => {
      const revoked = facts({ type, time: START + 40n * MINUTE })
      expect(fold([request(0n), end(30n, 'idle', true), revoked]).active).toBe(false)
    },
  )

  it('prefers a seen start to a derived one, whichever tells of the earlier time', () => {
    const start = (at: bigint, reason: string, derived: boolean): RecordFacts =>
      facts({
        type: 'oauth.session.start',
        time: START + at * MINUTE,
        attributes: {
          'oauth.session.start_reason': reason,
          ...(derived ? { 'oauth.session.derived': true } : {}),
        },
      })
    const session = fold([start(0n, 'auth_time', true), start(1n, 'issuance', false), request(2n)])
    expect(session.start).toMatchObject({ reason: 'issuance', derived: false })
  })

  it('is not kept alive by what the sessionizer derives', () => {
    const session = fold([request(0n), end(30n, 'idle', true)])
    expect(session.lastSeen).toBe(String(START))
    expect(session.services).toEqual(['orders-api'])
  })

  it('is the same in whatever order its records arrive', () => {
    const records = [
      request(0n),
      request(3n),
      facts({ type: 'oauth.request.rejected', time: START + MINUTE }),
      facts({
        type: 'oauth.session.start',
        time: START - MINUTE,
        attributes: { 'oauth.session.start_reason': 'auth_time', 'oauth.session.derived': true },
      }),
      facts({
        type: 'oauth.session.start',
        attributes: { 'oauth.session.start_reason': 'issuance' },
      }),
      end(30n, 'idle', true),
      end(60n, 'idle', true),
      facts({ attributes: { 'oauth.token.scopes': ['b', 'a'] } }),
    ]
    const expected = fold(records)
    const shuffled = fc.shuffledSubarray(records, { minLength: records.length })
    fc.assert(
      fc.property(shuffled, (order) => {
        expect(fold(order)).toEqual(expected)
      }),
    )
  })
})
