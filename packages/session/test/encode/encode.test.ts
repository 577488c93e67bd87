import { canonicalize, formatHex, hashLeaf } from '@tokentrail/ledger'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRecordEncoder, encodeLogRecord, type RecordDraft } from '../../src/index.ts'
import { anyDraft } from '../arbitraries.ts'
import { codeOf } from '../codes.ts'
import {
  EXAMPLE_LOG,
  EXAMPLE_REQUEST,
  EXAMPLE_REQUEST_LEAF,
  EXAMPLE_REQUEST_TEXT,
  EXAMPLE_TOKEN,
  EXAMPLE_TOKEN_TEXT,
} from '../examples.ts'
import { attributesOf, parseLogRecord, textBetweenOffsets } from '../otlp.ts'

const LOG = 'orders/0/01a20a23-1100-7000-8000-000000000001'
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const draftWith = (attributes: RecordDraft['attributes']): RecordDraft => ({
  type: 'oauth.request',
  time: '1795466401123456789',
  attributes: attributes ?? {},
})
const attributesIn = (text: string): { [name: string]: unknown } =>
  (JSON.parse(text) as { attributes: { [name: string]: unknown } }).attributes

describe('the two examples of the record layout', () => {
  it('gives the request byte for byte, with its leaf hash', () => {
    const { text } = encodeLogRecord(EXAMPLE_REQUEST, EXAMPLE_LOG, 17)
    expect(text).toBe(EXAMPLE_REQUEST_TEXT)
    expect(bytes(text)).toHaveLength(733)
    expect(formatHex(hashLeaf(bytes(text)))).toBe(EXAMPLE_REQUEST_LEAF)
  })

  it('gives the token byte for byte, although the draft is not sorted', () => {
    const { text } = encodeLogRecord(EXAMPLE_TOKEN, EXAMPLE_LOG, 16)
    expect(text).toBe(EXAMPLE_TOKEN_TEXT)
    expect(bytes(text)).toHaveLength(1175)
  })

  it('gives the OTLP log record of the request', () => {
    const record = parseLogRecord(encodeLogRecord(EXAMPLE_REQUEST, EXAMPLE_LOG, 17))
    const { attributes, ...rest } = record
    expect(rest).toStrictEqual({
      timeUnixNano: '1795470000123456789',
      severityNumber: 9,
      eventName: 'oauth.request',
      body: { stringValue: EXAMPLE_REQUEST_TEXT },
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      spanId: '00f067aa0ba902b7',
    })
    expect(attributes).toContainEqual({
      key: 'http.response.status_code',
      value: { intValue: '200' },
    })
    expect(attributes).toContainEqual({
      key: 'oauth.session.first_seen',
      value: { boolValue: true },
    })
    expect(attributes).toContainEqual({
      key: 'oauth.token.scopes',
      value: {
        arrayValue: { values: [{ stringValue: 'orders:read' }, { stringValue: 'orders:write' }] },
      },
    })
  })
})

describe('any draft', () => {
  it('becomes canonical JSON of at most 8,000 bytes whose OTLP form says the same', () => {
    fc.assert(
      fc.property(anyDraft, fc.nat(), (draft, index) => {
        const encoded = encodeLogRecord(draft, LOG, index)
        expect(canonicalize(JSON.parse(encoded.text))).toBe(encoded.text)
        expect(bytes(encoded.text).length).toBeLessThanOrEqual(8_000)
        expect(textBetweenOffsets(encoded)).toBe(encoded.text)
        const record = parseLogRecord(encoded)
        expect(record.body.stringValue).toBe(encoded.text)
        expect(record.eventName).toBe(draft.type)
        expect(attributesOf(encoded)).toEqual({
          ...attributesIn(encoded.text),
          ...(draft.session === undefined
            ? {}
            : { 'oauth.session.id': draft.session.toWellFormed().slice(0) }),
          'log.record.uid': `${LOG}.${index}`,
        })
      }),
    )
  })

  it('is encoded the same by an encoder that has seen many others', () => {
    const encoder = createRecordEncoder(LOG)
    fc.assert(
      fc.property(anyDraft, fc.nat(), (draft, index) => {
        expect(encoder.encode(draft, index)).toStrictEqual(encodeLogRecord(draft, LOG, index))
      }),
    )
  })

  it('gives the same on the plain path and on the general one', () => {
    const plain = encodeLogRecord(EXAMPLE_REQUEST, EXAMPLE_LOG, 17)
    const general = encodeLogRecord({ ...EXAMPLE_REQUEST, members: {} }, EXAMPLE_LOG, 17)
    expect(general.text).toBe(plain.text)
    expect(attributesOf(general)).toStrictEqual(attributesOf(plain))
    expect({ ...parseLogRecord(general), attributes: 0 }).toStrictEqual({
      ...parseLogRecord(plain),
      attributes: 0,
    })
  })
})

describe('text that is not ASCII', () => {
  it('is found by byte offsets', () => {
    const encoded = encodeLogRecord(draftWith({ 'http.route': '/größe/"x"/😀' }), LOG, 0)
    expect(encoded.textEnd).toBeGreaterThan(encoded.json.indexOf('},"attributes":['))
    expect(textBetweenOffsets(encoded)).toBe(encoded.text)
    expect(attributesIn(encoded.text)['http.route']).toBe('/größe/"x"/😀')
  })

  it('is made well-formed first', () => {
    const encoded = encodeLogRecord(draftWith({ 'http.route': '/\ud800' }), LOG, 0)
    expect(attributesIn(encoded.text)['http.route']).toBe('/\ufffd')
  })
})

describe('bounds', () => {
  it('keeps a string of 1,024 bytes and cuts a longer one between characters', () => {
    const fits = encodeLogRecord(draftWith({ 'url.path': 'a'.repeat(1_024) }), LOG, 0)
    expect(attributesIn(fits.text)).not.toHaveProperty('tokentrail\u002etruncated')
    const cut = attributesIn(
      encodeLogRecord(draftWith({ 'url.path': '€'.repeat(400) }), LOG, 0).text,
    )
    expect(cut['url.path']).toBe('€'.repeat(341))
    expect(cut['tokentrail.truncated']).toStrictEqual(['url.path'])
  })

  it('cuts a list at 64 elements', () => {
    const scopes = Array.from({ length: 65 }, (_, index) => `s${index}`)
    const { text } = encodeLogRecord(draftWith({ 'oauth.token.scopes': scopes }), LOG, 0)
    expect(attributesIn(text)['oauth.token.scopes']).toStrictEqual(scopes.slice(0, 64))
    expect(attributesIn(text)['tokentrail.truncated']).toStrictEqual(['oauth.token.scopes'])
  })

  it('leaves out unknown names first, then the listed ones in order, and names them', () => {
    const big = Array.from({ length: 4 }, () => 'x'.repeat(1_000))
    const { text } = encodeLogRecord(
      draftWith({
        'app.zone': 'x'.repeat(500),
        'compliance.framework': ['hipaa'],
        'oauth.decision': 'allow',
        'oauth.token.scopes': big,
        'oauth.token.audiences': big,
        'user.roles': ['admin'],
      }),
      LOG,
      0,
    )
    expect(attributesIn(text)).toStrictEqual({
      'compliance.framework': ['hipaa'],
      'oauth.decision': 'allow',
      'oauth.token.scopes': big,
      'tokentrail.truncated': ['app.zone', 'oauth.token.audiences', 'user.roles'],
    })
  })

  it('keeps every record within 8,000 bytes whatever is in its attributes', () => {
    const name = fc.constantFrom('user.roles', 'oauth.token.scopes', 'oauth.token.audiences', 'x.y')
    const list = fc.array(fc.string({ unit: 'binary', maxLength: 2_000 }), { maxLength: 70 })
    fc.assert(
      fc.property(fc.dictionary(name, list), (attributes) => {
        const { text } = encodeLogRecord(draftWith(attributes), LOG, 0)
        expect(bytes(text).length).toBeLessThanOrEqual(8_000)
        for (const key of Object.keys(attributes)) {
          const kept = attributesIn(text)[key] !== undefined
          const named = (
            attributesIn(text)['tokentrail.truncated'] as string[] | undefined
          )?.includes(key)
          expect(kept || named === true).toBe(true)
        }
      }),
      { numRuns: 30 },
    )
  })

  it('refuses a record whose own members are too large', () => {
    const draft = {
      type: 'tokentrail.log.checkpoint',
      time: '1',
      members: { leaves: 'x'.repeat(8_000) },
    }
    expect(codeOf(() => encodeLogRecord(draft, LOG, 0))).toBe('ERR_SESSION_RECORD_TOO_LARGE')
  })
})

describe('a list that is given twice', () => {
  it('is recorded as it is the second time, if it changed in between', () => {
    const encoder = createRecordEncoder(LOG)
    const scopes = ['a']
    encoder.encode(draftWith({ 'oauth.token.scopes': scopes }), 0)
    scopes[0] = 'b'
    const { text } = encoder.encode(draftWith({ 'oauth.token.scopes': scopes }), 1)
    expect(attributesIn(text)['oauth.token.scopes']).toStrictEqual(['b'])
  })

  it('is recorded under each of its names', () => {
    const encoder = createRecordEncoder(LOG)
    const list = Object.freeze(['a'])
    const draft = draftWith({ 'oauth.required_scopes': list, 'oauth.token.scopes': list })
    const { text } = encoder.encode(draft, 0)
    expect(encoder.encode(draft, 0).text).toBe(text)
    expect(attributesIn(text)).toStrictEqual({
      'oauth.required_scopes': ['a'],
      'oauth.token.scopes': ['a'],
    })
  })
})

describe('members of their own', () => {
  it('stand sorted among the others', () => {
    const draft = {
      type: 'tokentrail.log.close',
      time: '1795466409750000000',
      members: { reason: 'shutdown', count: 4 },
    }
    expect(encodeLogRecord(draft, LOG, 4).text).toBe(
      `{"count":4,"index":4,"log":"${LOG}","reason":"shutdown","time":"1795466409750000000","type":"tokentrail.log.close","v":1}`,
    )
  })

  it.each(['v', 'log', 'index', 'type', 'attributes', '__proto__', 'a b'])(
    'may not be called %j',
    (name) => {
      const members = JSON.parse(`{${JSON.stringify(name)}:1}`) as { [name: string]: number }
      const draft = { type: 'tokentrail.log.open', time: '1', members }
      expect(codeOf(() => encodeLogRecord(draft, LOG, 0))).toBe('ERR_SESSION_DRAFT_INVALID')
    },
  )

  it('may not hold fractions', () => {
    const draft = { type: 'tokentrail.log.open', time: '1', members: { offset: 0.5 } }
    expect(codeOf(() => encodeLogRecord(draft, LOG, 0))).toBe('ERR_SESSION_DRAFT_INVALID')
  })
})

describe('a draft that no record may hold', () => {
  it.each<[string, object]>([
    ['a type with capitals', { type: 'OAuth.request' }],
    ['a time with a sign', { time: '-1' }],
    ['a time with a leading zero', { time: '01' }],
    ['an observed time that is no number', { observed: 'now' }],
    ['an empty session', { session: '' }],
    ['a trace id of zeros', { trace: '0'.repeat(32) }],
    ['a span id in capitals', { span: '00F067AA0BA902B7' }],
    ['an attribute name with a space', { attributes: { 'a b': 1 } }],
    ['an attribute that the encoder writes', { attributes: { 'oauth.session.id': 'x' } }],
    ['a fraction', { attributes: { 'a.b': 1.5 } }],
    ['an unsafe integer', { attributes: { 'a.b': 2 ** 53 } }],
    ['an object', { attributes: { 'a.b': { c: 1 } } }],
    ['a list of numbers', { attributes: { 'a.b': [1] } }],
  ])('is refused with its code: %s', (_, change) => {
    const draft = { ...EXAMPLE_REQUEST, ...change } as RecordDraft
    expect(codeOf(() => encodeLogRecord(draft, LOG, 0))).toBe('ERR_SESSION_DRAFT_INVALID')
  })

  it('is a wrong call where log or index is wrong', () => {
    expect(() => encodeLogRecord(EXAMPLE_REQUEST, 'a"b', 0)).toThrow('"log" must be')
    expect(() => encodeLogRecord(EXAMPLE_REQUEST, LOG, -1)).toThrow('"index" must be')
    expect(() => encodeLogRecord(EXAMPLE_REQUEST, LOG, 0.5)).toThrow(TypeError)
  })
})

describe('attributes that come again', () => {
  const encoder = createRecordEncoder(LOG)
  const attributes = Object.freeze({
    'http.route': '/v1/orders/:id',
    'oauth.token.scopes': Object.freeze(['orders:read']),
  })
  const draft = { type: 'oauth.request', time: '1795470000123456789', attributes }

  it('are encoded as if each time were the first', () => {
    for (const index of [7, 8, 9]) {
      expect(encoder.encode(draft, index)).toEqual(encodeLogRecord(draft, LOG, index))
    }
    const refused = { ...draft, type: 'oauth.request.rejected', session: 'c2Vzc2lvbg' }
    expect(encoder.encode(refused, 10)).toEqual(encodeLogRecord(refused, LOG, 10))
  })

  it('are encoded anew where a list in them may have changed', () => {
    const scopes = ['orders:read']
    const changing = { ...draft, attributes: Object.freeze({ 'oauth.token.scopes': scopes }) }
    encoder.encode(changing, 1)
    scopes.push('orders:write')
    expect(encoder.encode(changing, 2).text).toContain('["orders:read","orders:write"]')
  })

  it('of a type that no record may have are refused as ever', () => {
    encoder.encode(draft, 1)
    expect(() => encoder.encode({ ...draft, type: 'OAuth Request' }, 2)).toThrow('"type"')
  })
})
