import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parsePolicy, type RecordDraft, type RequestFacts } from '../../src/index.ts'
import { CLAIMS, requestWith, rejectionWith, TOKEN, verifiedWith } from '../requests.ts'
import { startRecorder } from '../start-recorder.ts'

const ROUTES = ['/cards', '/orders']
const POLICY = parsePolicy({ routes: [{ match: '/cards', frameworks: ['pci'] }] })

/** A request of one of a few users, each with tokens, a session and addresses of their own. */
const request = fc
  .record({
    user: fc.constantFrom('a', 'b', 'c'),
    token: fc.constantFrom('1', '2'),
    route: fc.constantFrom(...ROUTES),
    isRefused: fc.boolean(),
    address: fc.constantFrom('192.0.2.1', '192.0.2.2'),
  })
  .map(({ address, isRefused, route, token, user }): RequestFacts => {
    const sent = `${TOKEN}${user}${token}`
    const claims = { ...CLAIMS, sub: user, sid: user, jti: sent }
    const seen = isRefused
      ? {
          statusCode: 401,
          rejection: rejectionWith({ token: sent, reason: 'expired', provenClaims: claims }),
        }
      : { verified: verifiedWith(claims, { token: sent }) }
    return requestWith({ token: sent, route, clientAddress: address, ...seen })
  })

const steps = fc.array(fc.oneof({ weight: 9, arbitrary: request }, fc.constant('new log')), {
  maxLength: 60,
})

interface Told {
  readonly pseudonyms: Set<string>
  readonly tokens: Set<string>
  readonly sessions: Set<string>
}

/** What one log is told, checked as it goes: names what was used before it was told. */
function run(
  taken: readonly (RequestFacts | 'new log')[],
  maxEntries: number,
): { missing: string[]; repeated: string[] } {
  const missing: string[] = []
  const repeated: string[] = []
  let told: Told = { pseudonyms: new Set(), tokens: new Set(), sessions: new Set() }
  const note = (set: Set<string>, value: string): void => {
    if (set.has(value)) repeated.push(value)
    set.add(value)
  }
  const check = ({ attributes = {}, session = '', type }: RecordDraft): void => {
    const { 'client.address': address, 'user.hash': hash } = attributes
    for (const used of [address, hash]) {
      if (typeof used === 'string' && !told.pseudonyms.has(used)) missing.push(used)
    }
    const token = `${String(attributes['oauth.token.fingerprint'])} ${String(attributes['compliance.framework'])}`
    if (type === 'oauth.token.observed') note(told.tokens, token)
    else {
      if (type === 'oauth.request' && !told.tokens.has(token)) missing.push(token)
      if (attributes['oauth.session.first_seen'] === true) note(told.sessions, session)
      else if (!told.sessions.has(session)) missing.push(session)
    }
  }
  const sink = {
    origin: 'orders/0/0',
    append(draft: RecordDraft, identities: readonly { pseudonym: string }[] = []): void {
      for (const { pseudonym } of identities) note(told.pseudonyms, pseudonym)
      check(draft)
    },
  }
  const memory = { maxIdentities: maxEntries, maxSessions: maxEntries, maxTokens: maxEntries }
  const { faults, recorder } = startRecorder({ sink, memory, policy: POLICY })
  for (const step of taken) {
    if (step === 'new log') {
      told = { pseudonyms: new Set(), tokens: new Set(), sessions: new Set() }
      sink.origin += '0'
    } else recorder.recordRequest(step)
  }
  expect(faults).toStrictEqual([])
  return { missing, repeated }
}

describe('what a log is told once', () => {
  it('is told before it is used, and not again', () => {
    fc.assert(
      fc.property(steps, (taken) => {
        expect(run(taken, 1_000)).toStrictEqual({ missing: [], repeated: [] })
      }),
    )
  })

  it('is told before it is used, however little is remembered', () => {
    fc.assert(
      fc.property(steps, (taken) => {
        expect(run(taken, 2).missing).toStrictEqual([])
      }),
    )
  })
})
