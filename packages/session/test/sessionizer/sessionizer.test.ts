import { EVENTS } from '@tokentrail/semantic-conventions'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Attributes,
  createRecordEncoder,
  createSessionizer,
  decodeRecord,
  type DecodedRecord,
  type RecordDraft,
  type Sessionizer,
} from '../../src/index.ts'

const SECOND = 1_000_000_000n
const MINUTE = 60n * SECOND
/** 2026-11-23T21:40:00Z */
const T0 = 1_795_470_000n * SECOND
const at = (nanos: bigint): bigint => T0 + nanos
const iso = (nanos: bigint): string => new Date(Number(nanos / 1_000_000n)).toISOString()

let index = 0
/** A record as it comes out of a store. */
function recordOf(
  type: string,
  nanos: bigint,
  attributes: Attributes = {},
  session: string | null = 's1',
): DecodedRecord {
  const draft: RecordDraft = {
    type,
    time: String(nanos),
    attributes: { 'oauth.decision': 'allow', ...attributes },
    ...(session === null ? {} : { session }),
  }
  return decodeRecord(createRecordEncoder('orders/0/log').encode(draft, index++).text)
}

/** A derived draft as it comes back from the store. */
function stored(draft: RecordDraft): DecodedRecord {
  return decodeRecord(createRecordEncoder('viewer/0/log').encode(draft, index++).text)
}

const request = (nanos: bigint, attributes: Attributes = {}, session = 's1'): DecodedRecord =>
  recordOf('oauth.request', nanos, attributes, session)

const observed = (nanos: bigint, attributes: Attributes = {}): DecodedRecord =>
  recordOf('oauth.token.observed', nanos, {
    'oauth.session.derivation': 'sid',
    'oauth.client.id': 'web',
    'user.hash': 'alice',
    'oauth.issuer': 'https://as.example.com',
    'compliance.framework': ['hipaa'],
    ...attributes,
  })

/** A machine's or an opaque token: the session is that token. */
const observedToken = (nanos: bigint, attributes: Attributes = {}): DecodedRecord =>
  observed(nanos, {
    'oauth.session.derivation': 'token',
    'oauth.token.fingerprint': 'fp1',
    ...attributes,
  })

interface Summary {
  readonly type: string
  readonly time: bigint
  readonly reason: unknown
}

function summaryOf({ attributes, time, type }: RecordDraft): Summary {
  return {
    type: type.replace('oauth.session.', ''),
    time: BigInt(time) - T0,
    reason: attributes?.['oauth.session.start_reason'] ?? attributes?.['oauth.session.end_reason'],
  }
}

/** Feeds records as they happen, then lets time pass. */
function derive(records: readonly DecodedRecord[], until: bigint): readonly RecordDraft[] {
  const sessionizer = createSessionizer()
  const drafts = records.flatMap((record) => sessionizer.add(record, BigInt(record.time)))
  return [...drafts, ...sessionizer.tick(until)]
}

const summaries = (records: readonly DecodedRecord[], until: bigint): readonly Summary[] =>
  derive(records, until).map(summaryOf)

describe('a start', () => {
  it('is the sign-in that a token tells of, once a seen start had time to come', () => {
    const signIn = at(-41n * MINUTE)
    const [start, ...rest] = derive(
      [observed(at(0n), { 'oauth.authentication.time': iso(signIn) }), request(at(1n))],
      at(2n * SECOND),
    )
    expect(rest).toStrictEqual([])
    expect(start).toEqual({
      type: 'oauth.session.start',
      time: String(signIn),
      observed: String(at(2n * SECOND)),
      session: 's1',
      attributes: {
        'compliance.framework': ['hipaa'],
        'oauth.authentication.time': iso(signIn),
        'oauth.client.id': 'web',
        'oauth.issuer': 'https://as.example.com',
        'oauth.session.derivation': 'sid',
        'oauth.session.derived': true,
        'oauth.session.start_reason': 'auth_time',
        'tokentrail.session.record_ids': [expect.stringMatching(/^orders\/0\/log\.\d+$/)],
        'user.hash': 'alice',
      },
    })
  })

  it('is the issuance where the server tells of it, or the session is one token', () => {
    expect(summaries([recordOf('oauth.token.issued', at(3n))], at(3n * SECOND))).toStrictEqual([
      { type: 'start', time: 3n, reason: 'issuance' },
    ])
    const issued = iso(at(-MINUTE))
    expect(
      summaries([observedToken(at(0n), { 'oauth.token.issued_at': issued })], at(2n * SECOND)),
    ).toStrictEqual([{ type: 'start', time: -MINUTE, reason: 'issuance' }])
  })

  it('is the first sight where nothing else is known, after the earlier ones had time to come', () => {
    const records = [request(at(SECOND)), request(at(0n)), request(at(2n * SECOND))]
    expect(summaries(records, at(SECOND))).toStrictEqual([])
    expect(summaries(records, at(4n * SECOND))).toStrictEqual([
      { type: 'start', time: 0n, reason: 'first_seen' },
    ])
  })

  it('is not derived beside one that was seen', () => {
    const seen = recordOf('oauth.session.start', at(0n), {
      'oauth.session.start_reason': 'issuance',
    })
    expect(summaries([seen, observed(at(1n)), request(at(2n))], at(MINUTE))).toStrictEqual([])
  })

  it('is not made of a rejection', () => {
    const rejected = recordOf('oauth.request.rejected', at(0n), { 'oauth.decision': 'deny' })
    const bad = observed(at(0n), { 'oauth.rejection.reason': 'bad_signature' })
    expect(summaries([rejected, bad], at(MINUTE))).toStrictEqual([])
  })
})

describe('an end by time', () => {
  const idle = 30n * MINUTE

  it('is idle, thirty minutes after the last activity, while the token is still valid', () => {
    const records = [
      observed(at(0n), { 'oauth.token.expires_at': iso(at(600n * MINUTE)) }),
      request(at(MINUTE)),
    ]
    expect(summaries(records, at(MINUTE + idle))).toHaveLength(1)
    expect(summaries(records, at(MINUTE + idle + 2n * SECOND))[1]).toStrictEqual({
      type: 'end',
      time: MINUTE + idle,
      reason: 'idle',
    })
  })

  it('is expired when the last token did so within the idle time', () => {
    const records = [
      observed(at(0n), { 'oauth.token.expires_at': iso(at(5n * MINUTE)) }),
      request(at(MINUTE)),
    ]
    expect(summaries(records, at(6n * MINUTE))).toHaveLength(1)
    expect(summaries(records, at(32n * MINUTE))[1]).toStrictEqual({
      type: 'end',
      time: 5n * MINUTE,
      reason: 'expired',
    })
  })

  it('comes soon after expiry where no other token can carry the session on', () => {
    const records = [observedToken(at(0n), { 'oauth.token.expires_at': iso(at(5n * MINUTE)) })]
    expect(summaries(records, at(6n * MINUTE))).toHaveLength(1)
    expect(summaries(records, at(7n * MINUTE))[1]).toMatchObject({
      time: 5n * MINUTE,
      reason: 'expired',
    })
  })

  it('is the same however late it is derived', () => {
    const records = [
      observed(at(0n), { 'oauth.token.expires_at': iso(at(600n * MINUTE)) }),
      request(at(MINUTE)),
    ]
    expect(summaries(records, at(10_000n * MINUTE))).toStrictEqual(
      summaries(records, at(32n * MINUTE)),
    )
  })

  it('names the frameworks and the last record of the session', () => {
    const last = request(at(MINUTE), { 'compliance.framework': ['pci'] })
    const [, end] = derive([observed(at(0n)), last], at(60n * MINUTE))
    expect(end?.attributes).toMatchObject({
      'compliance.framework': ['hipaa', 'pci'],
      'oauth.session.derived': true,
      'tokentrail.session.record_ids': [`${last.log}.${last.index}`],
      'user.hash': 'alice',
    })
  })

  it('opens the same session again with the next request, which is its start', () => {
    const records = [observed(at(0n), { 'oauth.authentication.time': iso(at(-MINUTE)) })]
    const sessionizer = createSessionizer()
    for (const record of records) sessionizer.add(record, at(0n))
    expect(sessionizer.tick(at(40n * MINUTE)).map(summaryOf)).toMatchObject([
      { reason: 'auth_time' },
      { reason: 'idle' },
    ])
    const again = sessionizer.add(request(at(50n * MINUTE)), at(50n * MINUTE))
    expect(again.map(summaryOf)).toStrictEqual([
      { type: 'start', time: 50n * MINUTE, reason: 'first_seen' },
    ])
    expect(again[0]?.attributes).toMatchObject({ 'user.hash': 'alice', 'oauth.client.id': 'web' })
  })

  it('is not undone by a record that was late', () => {
    const sessionizer = createSessionizer()
    sessionizer.add(observed(at(0n)), at(0n))
    sessionizer.tick(at(40n * MINUTE))
    expect(sessionizer.add(request(at(MINUTE)), at(41n * MINUTE))).toStrictEqual([])
    expect(sessionizer.openSessions).toBe(0)
  })
})

describe('an end by evidence', () => {
  it.each(['logout', 'backchannel_logout', 'revoked', 'replaced'])(
    'that a recorder saw (%s) is taken as it is, and for good',
    (reason) => {
      const end = recordOf('oauth.session.end', at(MINUTE), { 'oauth.session.end_reason': reason })
      const records = [observed(at(0n)), end, request(at(2n * MINUTE))]
      expect(summaries(records, at(600n * MINUTE)).map(({ type }) => type)).toStrictEqual(['start'])
    },
  )

  it('is the revocation of the grant, of the refresh token, or of the one token', () => {
    const revoked = { type: 'end', time: MINUTE, reason: 'revoked' }
    const grant = recordOf('oauth.grant.revoked', at(MINUTE))
    const refresh = recordOf('oauth.token.revoked', at(MINUTE), {
      'oauth.token.type': 'refresh_token',
    })
    const access = recordOf('oauth.token.revoked', at(MINUTE), {
      'oauth.token.type': 'access_token',
    })
    expect(summaries([observed(at(0n)), grant], at(2n * MINUTE))[1]).toStrictEqual(revoked)
    expect(summaries([observed(at(0n)), refresh], at(2n * MINUTE))[1]).toStrictEqual(revoked)
    expect(summaries([observed(at(0n)), access], at(2n * MINUTE))).toHaveLength(1)
    expect(summaries([observedToken(at(0n)), access], at(2n * MINUTE))[1]).toStrictEqual(revoked)
  })

  it('is the refusal of the one token, found by its fingerprint', () => {
    const refused = (reason: string): DecodedRecord =>
      recordOf(
        'oauth.request.rejected',
        at(MINUTE),
        { 'oauth.rejection.reason': reason, 'oauth.token.fingerprint': 'fp1' },
        null,
      )
    const expires = { 'oauth.token.expires_at': iso(at(50n * SECOND)) }
    expect(summaries([observedToken(at(0n)), refused('revoked')], at(2n * MINUTE))[1]?.reason).toBe(
      'revoked',
    )
    expect(
      summaries([observedToken(at(0n)), refused('inactive')], at(2n * MINUTE))[1]?.reason,
    ).toBe('unknown')
    expect(
      summaries([observedToken(at(0n), expires), refused('inactive')], at(2n * MINUTE))[1],
    ).toStrictEqual({
      type: 'end',
      time: 50n * SECOND,
      reason: 'expired',
    })
    expect(
      summaries([observedToken(at(0n)), refused('insufficient_scope')], at(2n * MINUTE)),
    ).toHaveLength(1)
  })

  it('is no refusal of one token where others may carry the session on', () => {
    const refused = recordOf('oauth.request.rejected', at(MINUTE), {
      'oauth.rejection.reason': 'expired',
    })
    expect(summaries([observed(at(0n)), refused], at(2n * MINUTE))).toHaveLength(1)
  })

  it('waits for one that is seen, which whoever revokes mostly tells of too', () => {
    const revoked = recordOf('oauth.grant.revoked', at(MINUTE))
    const end = recordOf('oauth.session.end', at(MINUTE), { 'oauth.session.end_reason': 'logout' })
    const records = [observed(at(0n)), revoked, end]
    expect(summaries(records, at(600n * MINUTE))).toMatchObject([{ type: 'start' }])
  })

  it('is derived at once where the session is used after it, and not opened again by that', () => {
    const sessionizer = createSessionizer()
    sessionizer.add(observed(at(0n)), at(0n))
    sessionizer.add(recordOf('oauth.grant.revoked', at(MINUTE)), at(MINUTE))
    const used = sessionizer.add(request(at(MINUTE + 1n)), at(MINUTE + 1n))
    expect(used.map(summaryOf)).toMatchObject([
      { type: 'start' },
      { type: 'end', time: MINUTE, reason: 'revoked' },
    ])
    expect(sessionizer.openSessions).toBe(0)
  })

  it('ends every session that goes on with the revoked grant, and no other', () => {
    const grant = (id: string, session: string): DecodedRecord =>
      recordOf('oauth.token.refreshed', at(0n), { 'oauth.grant.id': id }, session)
    const revoked = recordOf('oauth.grant.revoked', at(MINUTE), { 'oauth.grant.id': 'g1' }, null)
    const ends = derive(
      [grant('g1', 's1'), grant('g1', 's2'), grant('g2', 's3'), grant('g2', 's1'), revoked],
      at(2n * MINUTE),
    ).filter(({ type }) => type === 'oauth.session.end')
    expect(ends.map(({ session }) => session)).toStrictEqual(['s2'])
  })

  it('is the replacement that a new start tells of', () => {
    const next = recordOf(
      'oauth.session.start',
      at(MINUTE),
      { 'oauth.session.previous_id': 's1', 'oauth.session.start_reason': 'issuance' },
      's2',
    )
    expect(summaries([observed(at(0n)), next], at(MINUTE))[1]).toStrictEqual({
      type: 'end',
      time: MINUTE,
      reason: 'replaced',
    })
  })

  it('after an end by time makes it one for good', () => {
    const sessionizer = createSessionizer()
    sessionizer.add(observed(at(0n)), at(0n))
    sessionizer.tick(at(40n * MINUTE))
    const logout = recordOf('oauth.session.end', at(45n * MINUTE), {
      'oauth.session.end_reason': 'logout',
    })
    expect(sessionizer.add(logout, at(45n * MINUTE))).toStrictEqual([])
    expect(sessionizer.add(request(at(50n * MINUTE)), at(50n * MINUTE))).toStrictEqual([])
  })
})

describe('a restart', () => {
  function restore(records: readonly DecodedRecord[]): Sessionizer {
    const sessionizer = createSessionizer()
    for (const record of records) {
      expect(sessionizer.add(record, at(20n * MINUTE))).toStrictEqual([])
    }
    return sessionizer
  }

  it('derives no start again, and the end that was due anyway', () => {
    const records = [observed(at(0n)), request(at(10n * MINUTE))]
    const drafts = derive(records, at(11n * MINUTE))
    const sessionizer = restore([...drafts.map(stored), ...records])
    expect(sessionizer.tick(at(20n * MINUTE))).toStrictEqual([])
    expect(sessionizer.tick(at(41n * MINUTE)).map(summaryOf)).toStrictEqual([
      { type: 'end', time: 40n * MINUTE, reason: 'idle' },
    ])
  })

  it('derives no end again, and opens again what is used again', () => {
    const records = [observed(at(0n)), request(at(MINUTE))]
    const drafts = derive(records, at(40n * MINUTE))
    const sessionizer = restore([...drafts.map(stored), ...records])
    expect(sessionizer.tick(at(600n * MINUTE))).toStrictEqual([])
    expect(sessionizer.add(request(at(601n * MINUTE)), at(601n * MINUTE))).toHaveLength(1)
  })

  it('knows the last of several openings', () => {
    const sessionizer = createSessionizer()
    const drafts: RecordDraft[] = []
    const records = [observed(at(0n)), request(at(100n * MINUTE))]
    for (const record of records) {
      drafts.push(...sessionizer.tick(BigInt(record.time)))
      drafts.push(...sessionizer.add(record, BigInt(record.time)))
    }
    expect(drafts.map(({ type }) => type.slice(14))).toStrictEqual(['start', 'end', 'start'])
    const restored = restore([...drafts.map(stored), ...records])
    expect(restored.openSessions).toBe(1)
    expect(restored.tick(at(131n * MINUTE)).map(summaryOf)).toMatchObject([{ time: 130n * MINUTE }])
  })
})

describe('any stream of records', () => {
  const event = fc.record({
    type: fc.constantFrom(
      'oauth.request',
      'oauth.request',
      'oauth.token.observed',
      'oauth.request.rejected',
      'oauth.session.end',
      'oauth.grant.revoked',
    ),
    minute: fc.integer({ min: 0, max: 300 }),
    session: fc.constantFrom('a', 'b'),
    reason: fc.constantFrom('logout', 'idle', 'whatever'),
  })
  const stream = fc
    .array(event, { maxLength: 40 })
    .map((events) =>
      events
        .toSorted((one, other) => one.minute - other.minute)
        .map(({ minute, reason, session, type }) =>
          recordOf(
            type,
            at(BigInt(minute) * MINUTE),
            { 'oauth.session.end_reason': reason },
            session,
          ),
        ),
    )

  it('gives drafts that the registry allows, starts and ends by turns, and nothing twice', () => {
    fc.assert(
      fc.property(stream, (records) => {
        const sessionizer = createSessionizer()
        const drafts: RecordDraft[] = []
        for (const record of records) {
          drafts.push(...sessionizer.tick(BigInt(record.time)))
          drafts.push(...sessionizer.add(record, BigInt(record.time)))
          expect(sessionizer.add(record, BigInt(record.time))).toStrictEqual([])
        }
        drafts.push(...sessionizer.tick(at(10_000n * MINUTE)))
        expect(sessionizer.openSessions).toBe(0)
        expect(sessionizer.tick(at(20_000n * MINUTE))).toStrictEqual([])
        for (const { attributes = {}, type } of drafts) {
          const definition = EVENTS[type as 'oauth.session.start' | 'oauth.session.end']
          const listed: readonly string[] = [
            ...definition.requiredAttributes,
            ...definition.optionalAttributes,
          ]
          for (const name of Object.keys(attributes)) expect(listed).toContain(name)
        }
        for (const id of ['a', 'b']) {
          const types = drafts.filter(({ session }) => session === id).map(({ type }) => type)
          const turns = types.map((_, place) =>
            place % 2 === 0 ? 'oauth.session.start' : 'oauth.session.end',
          )
          // An end that a recorder saw is not ours to derive, so a start may follow a start.
          const own = types.filter((type, place) => type !== types[place - 1])
          expect(own).toStrictEqual(turns.slice(0, own.length))
        }
      }),
    )
  })
})

describe('bounds', () => {
  it('forget the session that was quiet longest, and count it', () => {
    const sessionizer = createSessionizer({ maxSessions: 2 })
    for (const id of ['a', 'b', 'a', 'c']) sessionizer.add(request(at(0n), {}, id), at(0n))
    expect(sessionizer.openSessions).toBe(2)
    expect(sessionizer.forgottenSessions).toBe(1)
    const ends = sessionizer
      .tick(at(60n * MINUTE))
      .filter(({ type }) => type === 'oauth.session.end')
    expect(new Set(ends.map(({ session }) => session))).toStrictEqual(new Set(['a', 'c']))
  })

  it.each(['idleMillis', 'latenessMillis', 'maxSessions'])('refuse a wrong %s', (option) => {
    expect(() => createSessionizer({ [option]: -1 })).toThrow(`"${option}" must be`)
  })

  it('take a record without session as nobody’s', () => {
    expect(
      createSessionizer().add(recordOf('oauth.request', at(0n), {}, null), at(0n)),
    ).toStrictEqual([])
  })
})
