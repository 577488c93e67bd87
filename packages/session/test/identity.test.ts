import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeIdentity,
  encodeIdentity,
  encodeLogRecord,
  formatPseudonymKey,
  type Identity,
  type IdentityKind,
} from '../src/index.ts'
import { codeOf } from './codes.ts'
import { EXAMPLE_LOG, EXAMPLE_REQUEST } from './examples.ts'
import { attributesOf, parseLogRecord, textBetweenOffsets } from './otlp.ts'

const ALICE: Identity = {
  kind: 'sub',
  issuer: 'https://as.example.com',
  pseudonym: 'HVH65NCLXG4clOzOQjqOMw',
  value: 'alice',
}

describe('an identity record', () => {
  it('has a canonical text without index, and its own id on the wire', () => {
    const encoded = encodeIdentity(ALICE, EXAMPLE_LOG, '1795470000123456789', 'test.1')
    expect(encoded.text).toBe(
      `{"attributes":{"tokentrail.identity.issuer":"https://as.example.com","tokentrail.identity.key":"test.1","tokentrail.identity.kind":"sub","tokentrail.identity.pseudonym":"HVH65NCLXG4clOzOQjqOMw","tokentrail.identity.value":"alice"},"log":"${EXAMPLE_LOG}","time":"1795470000123456789","type":"tokentrail.identity","v":1}`,
    )
    expect(parseLogRecord(encoded)).toMatchObject({
      eventName: 'tokentrail.identity',
      severityNumber: 9,
      timeUnixNano: '1795470000123456789',
      body: { stringValue: encoded.text },
    })
    expect(attributesOf(encoded)['log.record.uid']).toBe(`${EXAMPLE_LOG}.${ALICE.pseudonym}`)
    expect(textBetweenOffsets(encoded)).toBe(encoded.text)
  })

  it('is read back as it was written', () => {
    const kind = fc.constantFrom<IdentityKind>('sub', 'sid', 'address', 'user_agent')
    const value = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 100 })
    fc.assert(
      fc.property(kind, value, value, (kind, issuer, value) => {
        const identity = { ...ALICE, kind, issuer, value }
        const { text } = encodeIdentity(identity, EXAMPLE_LOG, '1', formatPseudonymKey('k', 2))
        expect(decodeIdentity(text)).toStrictEqual({
          ...identity,
          issuer: issuer.toWellFormed(),
          value: value.toWellFormed(),
          log: EXAMPLE_LOG,
          time: '1',
          key: 'k.2',
        })
      }),
    )
  })

  it('is refused when its value is too long to be checked whole', () => {
    const long = { ...ALICE, value: 'x'.repeat(1_025) }
    expect(codeOf(() => encodeIdentity(long, EXAMPLE_LOG, '1', 'k.1'))).toBe(
      'ERR_SESSION_DRAFT_INVALID',
    )
  })

  it('is not read from the text of another record', () => {
    const { text } = encodeLogRecord(EXAMPLE_REQUEST, EXAMPLE_LOG, 17)
    expect(codeOf(() => decodeIdentity(text))).toBe('ERR_SESSION_RECORD_MALFORMED')
  })

  it('is not read with a member more, less or of another form', () => {
    const { text } = encodeIdentity(ALICE, EXAMPLE_LOG, '1', 'k.1')
    const broken = [
      text.replace('"v":1', '"v":1,"w":1'),
      text.replace('"type":"tokentrail.identity",', ''),
      text.replace('"sub"', '"name"'),
      text.replace('"alice"', '7'),
      text.replace('"time":"1"', '"time":"x"'),
    ]
    for (const each of broken) {
      expect(each).not.toBe(text)
      expect(codeOf(() => decodeIdentity(each))).toBe('ERR_SESSION_RECORD_MALFORMED')
    }
  })
})
