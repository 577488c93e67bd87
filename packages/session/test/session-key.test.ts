import { describe, expect, it } from 'vitest'
import { type SessionFacts, sessionKey } from '../src/index.ts'
import { createTestPseudonymizer } from './keyed.ts'

const USER: SessionFacts = {
  issuer: 'https://as.example.com',
  client: 's6BhdRkqt3',
  subject: 'alice',
  sid: '08a5019c-17e1-4977-8f42-65a12843ea02',
  grant: 'g-1',
  authTime: 1_795_467_491,
  token: 'dbe39bf3a3ba4238',
  machine: false,
}

describe('sessionKey', () => {
  // Computed by an independent script over the JSON arrays that its documentation shows.
  it.each<[string, Partial<SessionFacts>, string, string]>([
    ['sid', {}, 'sid', 'HN9-ezVGtY1i9RZ08D9OAQ'],
    ['grant', { sid: undefined }, 'grant', '-2SEv1Rm9x3LgtJSNFj2fQ'],
    ['grant, for a sid without client', { client: undefined }, 'grant', '-2SEv1Rm9x3LgtJSNFj2fQ'],
    ['auth_time', { sid: undefined, grant: undefined }, 'auth_time', 'gIb1MdQm2mIkER-beLbT7w'],
    [
      'token, for a user without auth_time',
      { sid: undefined, grant: undefined, authTime: undefined },
      'token',
      'w7gshDYC36EqgdnRuvRyXw',
    ],
    ['token, for a machine whatever it has', { machine: true }, 'token', 'w7gshDYC36EqgdnRuvRyXw'],
  ])('follows the rule %s', (_, change, rule, key) => {
    expect(sessionKey({ ...USER, ...change }, createTestPseudonymizer())).toStrictEqual({
      key,
      rule,
    })
  })

  it('is made of the token alone when nothing else is known', () => {
    const facts = { token: '-fp-', machine: false }
    expect(sessionKey(facts, createTestPseudonymizer())).toStrictEqual({
      key: '3jrOdjJieTW5kjHbdunNiA',
      rule: 'token',
    })
  })

  it('never joins two clients, issuers, subjects or sign-ins', () => {
    const pseudonyms = createTestPseudonymizer()
    const base = { ...USER, sid: undefined, grant: undefined }
    const others: readonly Partial<SessionFacts>[] = [
      {},
      { issuer: 'https://other.example.com' },
      { client: 'other' },
      { subject: 'bob' },
      { authTime: 1 },
    ]
    const keys = others.map((change) => sessionKey({ ...base, ...change }, pseudonyms).key)
    expect(new Set(keys).size).toBe(others.length)
  })
})
