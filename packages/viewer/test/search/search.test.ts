import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseSearchQuery } from '../../src/search/query.ts'
import { COUNT_CAP, searchRecords } from '../../src/search/search-records.ts'
import { searchSessions } from '../../src/search/search-sessions.ts'
import { parseSessionQuery } from '../../src/search/session-query.ts'
import { CHUNK_RECORDS } from '../../src/store/bitmap.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { buildIdentityText, buildText, LOG, pseudonym, START } from '../texts.ts'

type Entries = readonly (readonly [string, string])[]

function search(store: Store, entries: Entries): readonly number[] {
  return searchRecords(store, parseSearchQuery(entries, { now: START })).records.map(
    ({ index }) => index,
  )
}

function request(index: number, attributes: object, rest: object = {}): { text: string } {
  return {
    text: buildText({ index, time: START + BigInt(index), attributes: { ...attributes }, ...rest }),
  }
}

function createSample(): Store {
  const store = openStore(':memory:')
  const alice = { 'user.hash': pseudonym('alice'), 'oauth.client.id': 'web' }
  const bob = { 'user.hash': pseudonym('bob'), 'oauth.client.id': 'app' }
  const status = (code: number): object => ({ 'http.response.status_code': code })
  store.append([
    request(
      0,
      { ...alice, ...status(200), 'http.request.method': 'GET' },
      { session: pseudonym('s1') },
    ),
    request(
      1,
      { ...alice, ...status(403), 'oauth.token.scopes': ['read', 'write'] },
      { session: pseudonym('s1') },
    ),
    request(
      2,
      { ...bob, ...status(200), 'http.route': '/orders/:id' },
      { session: pseudonym('s2') },
    ),
    request(
      3,
      { ...bob, ...status(401), 'oauth.rejection.reason': 'expired' },
      { type: 'oauth.request.rejected' },
    ),
    request(4, { ...bob, ...status(500), 'compliance.framework': ['hipaa', 'pci'] }),
    request(5, { 'oauth.token.fingerprint': pseudonym('token') }, { trace: 'ab'.repeat(16) }),
    { text: buildIdentityText('sub', pseudonym('alice'), 'alice@example.com') },
  ])
  return store
}

describe('a search', () => {
  it.each<[string, Entries, readonly number[]]>([
    ['no filter', [], [5, 4, 3, 2, 1, 0]],
    ['one value', [['status', '200']], [2, 0]],
    [
      'repeats are OR',
      [
        ['status', '200'],
        ['status', '403'],
      ],
      [2, 1, 0],
    ],
    [
      'names are AND',
      [
        ['status', '200'],
        ['client', 'web'],
      ],
      [0],
    ],
    ['a class of status', [['status', '4xx']], [3, 1]],
    [
      'a twin takes away',
      [
        ['client', 'app'],
        ['exclude-status', '4xx'],
      ],
      [4, 2],
    ],
    [
      'a twin alone',
      [
        ['exclude-client', 'web'],
        ['exclude-client', 'app'],
      ],
      [5],
    ],
    ['a clear name', [['user', 'alice@example.com']], [1, 0]],
    ['a pseudonym', [['user', pseudonym('bob')]], [4, 3, 2]],
    [
      'a user without the user',
      [
        ['exclude-user', 'alice@example.com'],
        ['status', '403'],
      ],
      [],
    ],
    ['one of several scopes', [['scope', 'write']], [1]],
    ['a framework', [['framework', 'pci']], [4]],
    ['a route', [['route', '/orders/:id']], [2]],
    ['a method, in any case', [['method', 'get']], [0]],
    ['an event', [['event', 'oauth.request.rejected']], [3]],
    ['a reason', [['reason', 'expired']], [3]],
    ['a trace', [['trace', 'AB'.repeat(16)]], [5]],
    ['a token', [['token', pseudonym('token')]], [5]],
    ['a session', [['session', pseudonym('s1')]], [1, 0]],
    [
      'sessions but one',
      [
        ['session', pseudonym('s1')],
        ['session', pseudonym('s2')],
        ['exclude-session', pseudonym('s2')],
      ],
      [1, 0],
    ],
    [
      'a service',
      [
        ['service', 'orders-api'],
        ['status', '500'],
      ],
      [4],
    ],
    ['what nothing has', [['client', 'nobody']], []],
    ['a start that counts', [['from', String(START + 4n)]], [5, 4]],
    ['an end that does not', [['to', String(START + 2n)]], [1, 0]],
  ])('by %s', (_, entries, expected) => {
    expect(search(createSample(), entries)).toEqual(expected)
  })

  it('finds a user by the clear name with the key alone', () => {
    const query = parseSearchQuery([['user', 'bob@example.com']], { now: START })
    const toPseudonyms = (): readonly string[] => [pseudonym('bob')]
    expect(searchRecords(createSample(), query, { toPseudonyms }).count).toBe(3)
    expect(searchRecords(createSample(), query).count).toBe(0)
  })

  it('takes markup for data', () => {
    const store = openStore(':memory:')
    const markup = `<img src=x onerror=alert(1)>'; DROP TABLE records; --`
    store.append([request(0, { 'oauth.client.id': markup, 'http.route': markup })])
    expect(
      search(store, [
        ['client', markup],
        ['route', markup],
      ]),
    ).toEqual([0])
  })
})

describe('pages', () => {
  it('give every record once, newest first, whatever the order of arrival', () => {
    const indexes = fc.shuffledSubarray(
      Array.from({ length: 40 }, (_, index) => index),
      { minLength: 40 },
    )
    fc.assert(
      fc.property(indexes, fc.integer({ min: 1, max: 41 }), (order, limit) => {
        const store = openStore(':memory:')
        store.append(order.map((index) => request(index, {}, { time: START + BigInt(index >> 1) })))
        const seen: number[] = []
        const times: bigint[] = []
        let next: string | null = ''
        while (next !== null) {
          const cursor: Entries = next === '' ? [] : [['before', next]]
          const query = parseSearchQuery([['limit', String(limit)], ...cursor], { now: START })
          const page = searchRecords(store, query)
          expect(page.count).toBe(40)
          seen.push(...page.records.map(({ index }) => index))
          times.push(...page.records.map(({ time }) => BigInt(time)))
          next = page.next
        }
        expect(seen.toSorted((a, b) => a - b)).toEqual([...order].sort((a, b) => a - b))
        expect(times).toEqual(times.toSorted((a, b) => (a < b ? 1 : a > b ? -1 : 0)))
        store.close()
      }),
      { numRuns: 30 },
    )
  })
})

describe('a store of 100,000 records', () => {
  const count = 100_000
  const store = openStore(':memory:')
  const random = (at: number): number => (at * 2_654_435_761) % 997
  const statusOf = (at: number): number => (random(at) < 20 ? 403 : 200)
  const clientOf = (at: number): string => `client-${random(at) % 7}`
  // The second log's records arrive after the first's, with times in between.
  const timeOf = (at: number): bigint => START + BigInt(at % (count / 2)) * 10n + BigInt(at)
  store.append(
    Array.from({ length: count }, (_, at) =>
      request(
        at % (count / 2),
        { 'http.response.status_code': statusOf(at), 'oauth.client.id': clientOf(at) },
        {
          log: at < count / 2 ? LOG : `${LOG}-2`,
          time: timeOf(at),
          session: pseudonym(`s${at % 1000}_`),
        },
      ),
    ),
  )
  const all = Array.from({ length: count }, (_, at) => at)

  it.each<[string, Entries, (at: number) => boolean]>([
    [
      'two common filters',
      [
        ['status', '200'],
        ['client', 'client-3'],
      ],
      (at) => statusOf(at) === 200 && clientOf(at) === 'client-3',
    ],
    [
      'a rare and a common one',
      [
        ['status', '403'],
        ['exclude-client', 'client-3'],
      ],
      (at) => statusOf(at) === 403 && clientOf(at) !== 'client-3',
    ],
    [
      'a session and a status',
      [
        ['session', pseudonym('s7_')],
        ['status', '4xx'],
      ],
      (at) => at % 1000 === 7 && statusOf(at) === 403,
    ],
    [
      'a range across chunks',
      [
        ['from', String(START + 100_000n)],
        ['to', String(START + 200_000n)],
        ['status', '403'],
      ],
      (at) =>
        timeOf(at) >= START + 100_000n && timeOf(at) < START + 200_000n && statusOf(at) === 403,
    ],
  ])('answers %s as a plain scan does', (_, entries, matches) => {
    const expected = all.filter(matches)
    const page = searchRecords(
      store,
      parseSearchQuery([...entries, ['limit', '1000']], { now: START }),
    )
    expect(page.count).toBe(Math.min(expected.length, COUNT_CAP))
    expect(page.capped).toBe(expected.length > COUNT_CAP)
    const newest = expected
      .map(timeOf)
      .sort((a, b) => (a < b ? 1 : -1))
      .slice(0, 1000)
    expect(page.records.map(({ time }) => BigInt(time))).toEqual(newest)
  })

  it('spreads over several chunks', () => {
    expect(store.tables.chunks.spans().length).toBe(Math.ceil(count / CHUNK_RECORDS))
  })
})

describe('a search for sessions', () => {
  const list = (store: Store, entries: Entries, rest: object = {}): readonly string[] => {
    const query = parseSessionQuery(entries, { now: START })
    return searchSessions(store, { ...query, ...rest }).sessions.map(({ id }) => id)
  }

  it('lists those of which one record matches, last seen first', () => {
    const store = createSample()
    expect(list(store, [])).toEqual([pseudonym('s2'), pseudonym('s1')])
    expect(list(store, [['status', '403']])).toEqual([pseudonym('s1')])
    expect(list(store, [['user', 'alice@example.com']])).toEqual([pseudonym('s1')])
    expect(list(store, [['exclude-client', 'web']])).toEqual([pseudonym('s2')])
    expect(list(store, [['status', '500']])).toEqual([])
  })

  it('tells the active from the ended, and hides an end that was outlived', () => {
    const store = createSample()
    const attributes = { 'oauth.session.end_reason': 'idle', 'oauth.session.derived': true }
    const end = (id: string): object => ({ type: 'oauth.session.end', session: pseudonym(id) })
    store.append([request(6, attributes, end('s1')), request(7, attributes, end('s2'))])
    store.append([request(8, {}, { session: pseudonym('s2') })])
    expect(list(store, [], { active: true })).toEqual([pseudonym('s2')])
    expect(list(store, [], { active: false })).toEqual([pseudonym('s1')])
    const { sessions } = searchSessions(store, { include: {}, exclude: {} })
    expect(sessions.map(({ end }) => end?.reason ?? null)).toEqual([null, 'idle'])
  })

  it('continues after a page', () => {
    const store = createSample()
    const first = searchSessions(store, { include: {}, exclude: {}, limit: 1 })
    expect(first.next).toMatch(/^\d+\./)
    expect(list(store, [], { before: first.next })).toEqual([pseudonym('s1')])
  })

  it('lists every session once over its pages, by its newest matching record', () => {
    const store = openStore(':memory:')
    const sessionOf = (at: number): string => pseudonym(`s${(at * 7) % 23}_`)
    const statusOf = (at: number): number => (at % 3 === 0 ? 403 : 200)
    const count = 3000
    store.append(
      Array.from({ length: count }, (_, at) =>
        request(at, { 'http.response.status_code': statusOf(at) }, { session: sessionOf(at) }),
      ),
    )
    const expected = new Set<string>()
    for (let at = count - 1; at >= 0; at -= 1) if (statusOf(at) === 403) expected.add(sessionOf(at))
    for (const limit of [1, 4, 23, 24]) {
      const seen: string[] = []
      let before: string | null = null
      do {
        const query = parseSessionQuery([['status', '403']], { now: START })
        const page = searchSessions(store, { ...query, limit, ...(before && { before }) })
        seen.push(...page.sessions.map(({ id }) => id))
        before = page.next
      } while (before !== null)
      expect(seen).toEqual([...expected])
    }
  })

  it('finds the few sessions behind the many records of one', () => {
    const store = openStore(':memory:')
    store.append([
      request(0, {}, { session: pseudonym('rare') }),
      ...Array.from({ length: 5000 }, (_, at) =>
        request(at + 1, {}, { session: pseudonym('busy') }),
      ),
    ])
    expect(list(store, [['service', 'orders-api']])).toEqual([pseudonym('busy'), pseudonym('rare')])
  })
})
