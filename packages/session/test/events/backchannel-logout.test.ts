import { describe, expect, it } from 'vitest'
import { buildBackchannelLogout } from '../../src/index.ts'
import { CLAIMS, requestWith, verifiedWith } from '../requests.ts'
import { startRecorder } from '../start-recorder.ts'

/** As in OpenID Connect Back-Channel Logout 1.0 §2.4, of the client and sign-in of {@link CLAIMS}. */
const LOGOUT = {
  iss: 'https://as.example.com',
  sub: 'alice',
  aud: 's6BhdRkqt3',
  iat: 1_795_470_000,
  exp: 1_795_470_120,
  jti: 'bWJq',
  sid: '08a5019c-17e1-4977-8f42-65a12843ea02',
  events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
}
const HOOK = 'application'

describe('a logout token', () => {
  it('ends the session that the access tokens of the sign-in belong to', () => {
    const { faults, recorder, sink } = startRecorder()
    recorder.recordRequest(requestWith({ verified: verifiedWith(CLAIMS) }))
    const facts = buildBackchannelLogout(LOGOUT, HOOK)
    expect(facts).toBeDefined()
    if (facts !== undefined) recorder.recordEvent(facts)
    expect(faults).toEqual([])
    const end = sink.records.at(-1)
    expect(end).toMatchObject({
      type: 'oauth.session.end',
      session: sink.records[1]?.session,
      attributes: { 'oauth.session.end_reason': 'backchannel_logout' },
    })
  })

  it('that names only a subject ends no session that it does not name', () => {
    const { faults, recorder, sink } = startRecorder()
    const { sid: _, ...withoutSession } = LOGOUT
    const facts = buildBackchannelLogout(withoutSession, HOOK)
    expect(facts?.known).toEqual({ iss: LOGOUT.iss, client_id: LOGOUT.aud, sub: 'alice' })
    if (facts !== undefined) recorder.recordEvent(facts)
    expect({ faults, records: sink.records }).toEqual({ faults: [], records: [] })
  })

  it.each([
    ['no object', 7],
    ['no event', { ...LOGOUT, events: {} }],
    [
      'an event that is no object',
      { ...LOGOUT, events: { [Object.keys(LOGOUT.events)[0] ?? '']: 1 } },
    ],
    ['a nonce', { ...LOGOUT, nonce: 'n' }],
    ['no issuer', { ...LOGOUT, iss: 7 }],
    ['two clients', { ...LOGOUT, aud: ['a', 'b'] }],
    ['neither subject nor session', { ...LOGOUT, sub: undefined, sid: undefined }],
    ['an inherited event', { ...LOGOUT, events: Object.create(LOGOUT.events) as object }],
  ])('is none with %s', (_, payload) => {
    expect(buildBackchannelLogout(payload, HOOK)).toBeUndefined()
  })
})
