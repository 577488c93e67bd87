import { describe, expect, it } from 'vitest'

import type { LogState, RecordRow, SessionSummary } from '../../src/api-types.ts'
import { countBeyondHole, countUnsigned, describeLogs } from '../../page/src/log-words.ts'
import { describeRecord, toneOf } from '../../page/src/record-words.ts'
import { explainRejection, REJECTION_REASONS } from '../../page/src/rejection-words.ts'
import { describeEnd, describeWho, explainDerived } from '../../page/src/session-words.ts'

const ROW: RecordRow = {
  uid: 'api/a/b.1',
  log: 'api/a/b',
  index: 1,
  type: 'oauth.request',
  time: '1795470000123456789',
  session: null,
  user: null,
  client: null,
  method: 'GET',
  route: '/v1/orders',
  status: 200,
  decision: 'allow',
  reason: null,
  errorCode: null,
  scopes: [],
  missingScopes: [],
  frameworks: [],
  trace: null,
  span: null,
  token: null,
  service: 'api',
  address: null,
  userAgent: null,
}

const LOG: LogState = {
  origin: 'api/a/b',
  service: 'api',
  slot: 'a',
  records: 10,
  size: 10,
  signedSize: 10,
  signedAt: null,
  state: 'running',
  findings: [],
  selfIssued: false,
  openedAt: null,
  lastRecordAt: null,
  unsealedSeconds: 0,
  lost: 0,
}

const log = (part: Partial<LogState>): LogState => ({ ...LOG, ...part })
const alice = { hash: 'zyDOnUauNBpPoVwqDQ7LzQ', name: 'alice' }

describe('explainRejection', () => {
  it('has a sentence of its own for every reason', () => {
    const sentences = REJECTION_REASONS.map((reason) => explainRejection(reason).sentence)
    expect(new Set(sentences).size).toBe(REJECTION_REASONS.length)
  })

  it('takes a name that every object has for an unknown reason', () => {
    expect(explainRejection('constructor')).toEqual(explainRejection(null))
  })
})

describe('describeWho', () => {
  it('names the person, with the pseudonym beneath', () => {
    expect(describeWho({ user: alice, client: 'web' })).toEqual({
      name: 'alice',
      pseudonym: alice.hash,
      kind: 'person',
    })
  })

  it('shows the pseudonym when no identity record is at hand', () => {
    const user = { hash: alice.hash, name: null }
    expect(describeWho({ user, client: 'web' })).toMatchObject({
      name: alice.hash,
      pseudonym: null,
    })
  })

  it('calls a client a machine only where the token says so', () => {
    expect(describeWho({ user: null, client: 'job', subjectType: 'client' }).kind).toBe('machine')
    expect(describeWho({ user: null, client: 'web', subjectType: 'user' }).kind).toBe('client')
    expect(describeWho({ user: null, client: 'web' }).kind).toBe('client')
  })

  it('attributes to nobody what was not proven', () => {
    expect(describeWho({ user: null, client: null })).toMatchObject({ kind: 'nobody' })
  })
})

describe('describeRecord', () => {
  it('never names anybody for a forged token', () => {
    const forged: RecordRow = {
      ...ROW,
      type: 'oauth.request.rejected',
      decision: 'deny',
      status: 401,
      reason: 'bad_signature',
    }
    expect(describeRecord(forged)).toMatch(/^Somebody unproven was refused GET \/v1\/orders\./)
  })

  it('does not call an unfinished response a success', () => {
    const unfinished: RecordRow = { ...ROW, user: alice, status: null }
    expect(toneOf(unfinished)).toBe('fail')
    expect(describeRecord(unfinished)).toContain('its outcome is unknown')
  })
})

describe('toneOf', () => {
  it('tells an error of the service from a refusal', () => {
    expect(toneOf(ROW)).toBe('allow')
    expect(toneOf({ ...ROW, status: 500 })).toBe('fail')
    expect(toneOf({ ...ROW, status: 403, decision: 'deny' })).toBe('deny')
    expect(toneOf({ ...ROW, type: 'tokentrail.log.open', decision: null })).toBe('recorder')
  })
})

describe('explainDerived', () => {
  it('says that nobody reported it, and by which rule it was concluded', () => {
    const end: SessionSummary['end'] = { time: '1', reason: 'idle', derived: true }
    expect(explainDerived('end', end)).toContain('nobody reported this end')
    expect(explainDerived('end', end)).toContain(describeEnd(end))
  })
})

describe('describeLogs', () => {
  it('lets the gravest state speak', () => {
    const logs = [log({}), log({ state: 'unsealed' }), log({ state: 'broken' })]
    expect(describeLogs(logs)).toEqual({ tone: 'bad', sentence: '1 log broken: see the findings' })
    expect(describeLogs(logs.slice(0, 2)).tone).toBe('warn')
  })

  it('says that no alteration was found, not that there was none', () => {
    const logs = [log({}), log({ state: 'sealed' })]
    expect(describeLogs(logs).sentence).toBe('No alteration found (1 running, 1 sealed)')
  })

  it('says of a fork that the registry saw before all else', () => {
    expect(describeLogs([log({ state: 'broken' })], 2)).toEqual({
      tone: 'bad',
      sentence: '2 forks: see the alarm',
    })
  })

  it('is calm about nothing', () => {
    expect(describeLogs([])).toEqual({ tone: 'calm', sentence: 'No logs yet' })
  })
})

describe('countUnsigned and countBeyondHole', () => {
  it('count what is not signed yet and what came after a hole', () => {
    expect(countUnsigned(log({ size: 10, signedSize: 7 }))).toBe(3)
    expect(countUnsigned(log({ size: 5, signedSize: 7 }))).toBe(0)
    expect(countBeyondHole(log({ records: 10, size: 4 }))).toBe(6)
  })
})
