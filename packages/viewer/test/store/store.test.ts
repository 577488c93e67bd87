import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ViewerError } from '../../src/errors.ts'
import { CHUNK_RECORDS } from '../../src/store/bitmap.ts'
import { openStore } from '../../src/store/store.ts'
import { buildIdentityText, buildText, LOG, pseudonym, START } from '../texts.ts'

let directory = ''
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tokentrail-store-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

function codeOf(work: () => unknown): string | undefined {
  try {
    work()
  } catch (error) {
    return error instanceof ViewerError ? error.code : String(error)
  }
  return undefined
}

function execute(path: string, statement: string): void {
  const database = new DatabaseSync(path)
  database.exec(statement)
  database.close()
}

describe('append', () => {
  it('stores a record once, however often the same text comes', () => {
    const store = openStore(':memory:')
    const text = buildText()
    expect(store.append([{ text }, { text }])).toMatchObject({ stored: 1, duplicates: 1 })
    expect(store.append([{ text }])).toMatchObject({ stored: 0, duplicates: 1 })
    expect(store.records).toBe(1)
  })

  it('keeps the first text of a place, and another one as a conflict', () => {
    const store = openStore(':memory:')
    const other = buildText({ session: pseudonym('forged') })
    store.append([{ text: buildText() }])
    expect(store.append([{ text: other }])).toMatchObject({ stored: 0, conflicts: 1 })
    const log = store.tables.logs.find(LOG)
    expect(store.tables.records.find(log!.id, 0)?.text).toBe(buildText())
    expect(store.tables.records.conflictsOf(log!.id)).toEqual([{ index: 0, text: other }])
  })

  it('ignores what no Tokentrail recorder made', () => {
    const store = openStore(':memory:')
    const result = store.append([
      { text: 'user logged in', eventName: undefined },
      { text: '{"level":"info","msg":"started"}' },
      { text: '{"type":"request","v":1}', eventName: 'http.request' },
      { text: '' },
    ])
    expect(result).toMatchObject({ foreign: 4, stored: 0, unreadable: 0 })
  })

  it.each([
    ['not json', 'no JSON object'],
    ['[1]', 'no JSON object'],
    ['{"v":2}', '"v"'],
    [buildText({ index: -1 }), '"index"'],
    [buildText({ time: '1.5' }), '"time"'],
    [buildText({ time: '9223372036854775808' }), '"time"'],
    [buildText({ members: { log: 7 } }), '"log"'],
    [buildText({ attributes: { long: 'x'.repeat(70_000) } }), 'longer'],
  ])('counts %.20s as unreadable and says why', (text, problem) => {
    const store = openStore(':memory:')
    const result = store.append([{ text, eventName: 'oauth.request' }, { text: buildText() }])
    expect(result).toMatchObject({ stored: 1, unreadable: 1 })
    expect(result.problem).toContain(problem)
  })

  it('takes any text without throwing', () => {
    const store = openStore(':memory:')
    const anyText = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc
        .record({
          v: fc.constantFrom(1, '1', null),
          log: fc.oneof(fc.string({ unit: 'binary' }), fc.constant(LOG), fc.integer()),
          index: fc.oneof(fc.integer(), fc.double(), fc.string()),
          type: fc.oneof(fc.constantFrom('oauth.request', 'oauth.session.end'), fc.string()),
          time: fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 65n }).map(String), fc.string()),
          session: fc.jsonValue(),
          trace: fc.jsonValue(),
          attributes: fc.oneof(
            fc.jsonValue(),
            fc.record({
              'oauth.token.scopes': fc.jsonValue(),
              'oauth.token.fingerprint': fc.jsonValue(),
              'http.response.status_code': fc.jsonValue(),
              'user.hash': fc.jsonValue(),
            }),
          ),
        })
        .map((value) => JSON.stringify(value)),
    )
    fc.assert(
      fc.property(fc.array(anyText, { maxLength: 20 }), fc.string(), (texts, eventName) => {
        const before = store.records
        const result = store.append(texts.map((text) => ({ text, eventName })))
        const taken = result.stored + result.duplicates + result.conflicts
        expect(taken + result.foreign + result.unreadable).toBe(texts.length)
        expect(store.records).toBe(before + result.stored)
        for (let id = before + 1; id <= store.records; id += 1) expect(store.row(id)).toBeDefined()
      }),
    )
  })

  it('tells subscribers what changed, and nothing after they left', () => {
    const store = openStore(':memory:')
    const changes: unknown[] = []
    const leave = store.subscribe((change) => changes.push(change))
    store.append([{ text: buildText({ session: pseudonym('s') }) }])
    store.append([{ text: buildText({ session: pseudonym('s') }) }])
    leave()
    store.append([{ text: buildText({ index: 1 }) }])
    expect(changes).toEqual([{ records: [1], sessions: [pseudonym('s')], logs: [LOG] }])
  })

  it('keeps nothing of a transaction that fails, and goes on after', () => {
    const path = join(directory, 'store.sqlite')
    const store = openStore(path)
    store.append([{ text: buildText({ index: 0 }) }])
    function* failing(): Generator<{ text: string }> {
      yield { text: buildText({ index: 1, type: 'oauth.request.rejected' }) }
      throw new Error('the sender is gone')
    }
    expect(() => store.append(failing())).toThrow('the sender is gone')
    expect([store.records, store.rejections]).toEqual([1, 0])
    expect(store.append([{ text: buildText({ index: 1 }) }])).toMatchObject({ stored: 1 })
    store.close()
  })
})

describe('identities', () => {
  it('give a row its clear values', () => {
    const store = openStore(':memory:')
    const attributes = {
      'user.hash': pseudonym('alice'),
      'client.address': pseudonym('address'),
      'user_agent.original': pseudonym('agent'),
      'user_agent.name': 'Firefox',
    }
    store.append([{ text: buildText({ attributes }) }])
    expect(store.row(1)).toMatchObject({
      user: { hash: pseudonym('alice'), name: null },
      address: pseudonym('address'),
      userAgent: 'Firefox',
    })
    store.append([
      { text: buildIdentityText('sub', pseudonym('alice'), 'alice@example.com', 'https://as') },
      { text: buildIdentityText('address', pseudonym('address'), '192.0.2.1') },
      { text: buildIdentityText('user_agent', pseudonym('agent'), 'Mozilla/5.0') },
    ])
    expect(store.row(1)).toMatchObject({
      user: { hash: pseudonym('alice'), name: 'alice@example.com' },
      address: '192.0.2.1',
      userAgent: 'Mozilla/5.0',
    })
  })

  it('are not believed when the pseudonym does not belong to the value', () => {
    const store = openStore(':memory:', {
      checkIdentity: ({ value }) => (value === 'alice' ? 'bound' : 'forged'),
    })
    const result = store.append([
      { text: buildIdentityText('sub', pseudonym('a'), 'mallory') },
      { text: buildIdentityText('sub', pseudonym('a'), 'alice') },
    ])
    expect(result).toMatchObject({ identities: 1, unreadable: 1 })
    expect(store.tables.identities.valueOf('sub', pseudonym('a'))).toBe('alice')
  })
})

describe('an identity of an unknown key', () => {
  it('gives way to one that is bound to its pseudonym, and only to that', () => {
    const store = openStore(':memory:', {
      checkIdentity: ({ value }) => (value === 'alice' ? 'bound' : 'unknown'),
    })
    const nameOf = (...values: readonly string[]): string | null => {
      const hash = pseudonym('a')
      store.append(values.map((value) => ({ text: buildIdentityText('sub', hash, value) })))
      return store.tables.identities.valueOf('sub', hash)
    }
    expect(nameOf('mallory', 'eve')).toBe('mallory')
    expect(nameOf('alice')).toBe('alice')
    expect(nameOf('mallory')).toBe('alice')
  })
})

describe('a record that carries only a token', () => {
  const token = pseudonym('token')
  const bare = buildText({ index: 5, attributes: { 'oauth.token.fingerprint': token } })
  const observed = (attributes: object = {}): string =>
    buildText({
      index: 6,
      log: 'other/slot/uuid',
      type: 'oauth.token.observed',
      session: pseudonym('s'),
      attributes: {
        'oauth.token.fingerprint': token,
        'user.hash': pseudonym('alice'),
        'oauth.client.id': 'web',
        ...attributes,
      },
    })

  it.each([
    ['before', [bare, observed()]],
    ['after', [observed(), bare]],
  ])('joins the session of that token when it comes %s the token is observed', (_, texts) => {
    const store = openStore(':memory:')
    for (const text of texts) store.append([{ text }])
    const row = store.row(texts.indexOf(bare) + 1)
    expect(row).toMatchObject({ session: pseudonym('s'), client: 'web' })
    expect(row?.user?.hash).toBe(pseudonym('alice'))
    expect(store.session(pseudonym('s'))?.requests).toBe(1)
  })

  it.each([
    ['before', (code: string, token: string) => [code, token]],
    ['after', (code: string, token: string) => [token, code]],
  ])('joins the session of its tokens to a code that comes %s them', (_, order) => {
    const code = buildText({
      type: 'oauth.token.issued',
      index: 1,
      attributes: {
        'oauth.token.fingerprint': pseudonym('code'),
        'oauth.token.type': 'authorization_code',
      },
    })
    const token = buildText({
      type: 'oauth.token.issued',
      index: 2,
      session: pseudonym('session'),
      attributes: {
        'oauth.token.fingerprint': pseudonym('token'),
        'oauth.token.type': 'access_token',
        'oauth.token.parent.fingerprint': pseudonym('code'),
        'oauth.token.parent.type': 'authorization_code',
      },
    })
    const store = openStore(':memory:')
    store.append(order(code, token).map((text) => ({ text })))
    const sessions = [1, 2].map((id) => store.row(id)?.session)
    expect(sessions).toEqual([pseudonym('session'), pseudonym('session')])
    const types = store.tables.tokens.ofSession(pseudonym('session')).map(({ type }) => type)
    expect(new Set(types)).toEqual(new Set(['access_token', 'authorization_code']))
    store.close()
  })

  it('joins nothing when the token was found bad', () => {
    const store = openStore(':memory:')
    store.append([{ text: bare }, { text: observed({ 'oauth.rejection.reason': 'revoked' }) }])
    expect(store.row(1)).toMatchObject({ session: null, user: null })
  })

  it('is counted once when a second log observes the token too', () => {
    const store = openStore(':memory:')
    store.append([{ text: bare }, { text: observed() }, { text: observed().replace('6', '7') }])
    expect(store.session(pseudonym('s'))?.requests).toBe(1)
  })
})

describe('openStore', () => {
  it('finds everything again, in sealed chunks and in the open one', () => {
    const path = join(directory, 'store.sqlite')
    const count = CHUNK_RECORDS + 10
    const store = openStore(path)
    store.append(
      Array.from({ length: count }, (_, index) => ({
        text: buildText({ index, time: START + BigInt(index) }),
      })),
    )
    store.close()
    const again = openStore(path)
    expect(again.records).toBe(count)
    expect(again.append([{ text: buildText({ index: 3, time: START + 3n }) }]).duplicates).toBe(1)
    again.append([{ text: buildText({ index: count }) }])
    expect(again.row(count + 1)?.index).toBe(count)
    again.close()
  })

  it('refuses a store of a newer version, by name', () => {
    const path = join(directory, 'store.sqlite')
    const database = new DatabaseSync(path)
    database.exec('PRAGMA user_version = 99')
    database.close()
    expect(codeOf(() => openStore(path))).toBe('ERR_VIEWER_STORE_NEWER')
    expect(() => openStore(path)).toThrow(/layout 99.*update/)
  })

  it('refuses a database of something else', () => {
    const path = join(directory, 'other.sqlite')
    const database = new DatabaseSync(path)
    database.exec('CREATE TABLE theirs (a)')
    database.close()
    expect(codeOf(() => openStore(path))).toBe('ERR_VIEWER_STORE_UNREADABLE')
  })

  it.each<[string, (path: string) => void]>([
    ['is no database', (path) => writeFileSync(path, 'junk'.repeat(1000))],
    ['was cut', (path) => truncateSync(path, 5000)],
    [
      'has bytes of something else',
      (path) => writeFileSync(path, readFileSync(path).fill(7, 4096)),
    ],
    ['lacks a table', (path) => execute(path, 'DROP TABLE meta')],
    ['holds a text that is no record', (path) => execute(path, "UPDATE records SET text = 'x'")],
  ])('says of a store that %s where it is and what to do', (_, damage) => {
    const path = join(directory, 'store.sqlite')
    const store = openStore(path)
    store.append([{ text: buildText() }])
    store.close()
    damage(path)
    expect(codeOf(() => openStore(path))).toBe('ERR_VIEWER_STORE_UNREADABLE')
    expect(() => openStore(path)).toThrow(`store ${path} is damaged: move it away`)
  })

  it('lets one writer in and any number of readers', () => {
    const path = join(directory, 'store.sqlite')
    const writer = openStore(path)
    writer.append([{ text: buildText() }])
    expect(codeOf(() => openStore(path))).toBe('ERR_VIEWER_STORE_BUSY')
    const reader = openStore(path, { readOnly: true })
    expect(reader.row(1)?.log).toBe(LOG)
    reader.close()
    writer.close()
    openStore(path).close()
  })

  it('says so when the folder does not exist', () => {
    const path = join(directory, 'missing', 'store.sqlite')
    expect(codeOf(() => openStore(path))).toBe('ERR_VIEWER_STORE_UNREADABLE')
  })
})
