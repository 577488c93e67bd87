import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DecodedRecord, RequestFacts } from '../../src/index.ts'
import { parsePolicy } from '../../src/index.ts'
import { anonymousWith, CLAIMS, rejectionWith, requestWith, verifiedWith } from '../requests.ts'
import { type RecorderRig, START, startRecorder } from '../start-recorder.ts'

const SECOND = 1_000_000_000n
const REJECTED = 'oauth.request.rejected'
const AGGREGATE = 'oauth.request.rejected.aggregate'

/** A 401 that a bot gets: a token that nobody verified, or none. */
function refused(change: Partial<RequestFacts> = {}): RequestFacts {
  return requestWith({
    statusCode: 401,
    challenges: [{ scheme: 'bearer', error: 'invalid_token' }],
    ...change,
  })
}

function recordsOf({ sink }: RecorderRig, type: string): readonly DecodedRecord[] {
  return sink.records.filter((record) => record.type === type)
}

/** Every rejection: those with a record, and those that an aggregate stands for. */
function accountedFor(rig: RecorderRig): number {
  return recordsOf(rig, AGGREGATE).reduce(
    (sum, { attributes }) => sum + Number(attributes?.['tokentrail.aggregate.count']),
    recordsOf(rig, REJECTED).length,
  )
}

describe('rejections that nobody is attributed to', () => {
  it('are recorded one by one within their budget', () => {
    const rig = startRecorder({ rejections: { perSecond: 1, burst: 5 } })
    for (let i = 0; i < 5; i += 1) rig.recorder.recordRequest(refused())
    rig.recorder.flush()
    expect(recordsOf(rig, REJECTED)).toHaveLength(5)
    expect(recordsOf(rig, AGGREGATE)).toHaveLength(0)
  })

  it('are counted beyond it, into one record per source and reason', () => {
    const rig = startRecorder({ rejections: { perSecond: 0 } })
    const at = (seconds: bigint): string => String(START + seconds * SECOND)
    const { recorder } = rig
    recorder.recordRequest(refused({ time: at(0n) }))
    recorder.recordRequest(refused({ time: at(1n) }))
    recorder.recordRequest(refused({ time: at(2n), clientAddress: '192.0.2.8' }))
    recorder.recordRequest(anonymousWith({ ...refused({ time: at(3n) }), token: '' }))
    recorder.flush()
    expect(rig.sink.records.map(({ attributes, type }) => [type, attributes])).toEqual([
      [
        AGGREGATE,
        {
          'client.address': 'Y1rVDnFOj4pE0KHuKoz1MQ',
          'oauth.rejection.reason': 'unknown',
          'tokentrail.aggregate.count': 2,
          'tokentrail.aggregate.from': at(0n),
          'tokentrail.aggregate.to': at(1n),
        },
      ],
      [AGGREGATE, expect.objectContaining({ 'oauth.rejection.reason': 'missing' })],
      [AGGREGATE, expect.objectContaining({ 'tokentrail.aggregate.count': 1 })],
    ])
    expect(rig.sink.identities.map(({ value }) => value).sort()).toEqual(['192.0.2.7', '192.0.2.8'])
  })

  it('never take space from those that somebody is attributed to', () => {
    const rig = startRecorder({ rejections: { perSecond: 0 } })
    rig.recorder.recordRequest(refused({ rejection: rejectionWith({ provenClaims: CLAIMS }) }))
    rig.recorder.recordRequest(refused({ statusCode: 403, verified: verifiedWith(CLAIMS) }))
    rig.recorder.recordRequest(requestWith())
    expect(recordsOf(rig, REJECTED)).toHaveLength(2)
    expect(recordsOf(rig, 'oauth.request')).toHaveLength(1)
    rig.recorder.flush()
    expect(recordsOf(rig, AGGREGATE)).toHaveLength(0)
  })

  it('leave what comes back of the budget to other sources while theirs are counted', () => {
    const rig = startRecorder({ rejections: { perSecond: 1, burst: 1 } })
    rig.recorder.recordRequest(refused())
    rig.recorder.recordRequest(refused())
    rig.now += 2n * SECOND
    rig.recorder.recordRequest(refused())
    rig.recorder.recordRequest(refused({ clientAddress: '192.0.2.8' }))
    const sources = recordsOf(rig, REJECTED).map(({ attributes }) => attributes?.['client.address'])
    expect(new Set(sources).size).toBe(2)
  })

  it('are counted by at most so many sources, and the others together', () => {
    const rig = startRecorder({ rejections: { perSecond: 0, maxSources: 2 } })
    for (let i = 0; i < 10; i += 1) {
      rig.recorder.recordRequest(refused({ clientAddress: `192.0.2.${i}` }))
    }
    rig.recorder.flush()
    const counts = recordsOf(rig, AGGREGATE).map(({ attributes }) => [
      attributes?.['client.address'] === undefined,
      attributes?.['tokentrail.aggregate.count'],
    ])
    expect(counts).toEqual([
      [false, 1],
      [false, 1],
      [true, 8],
    ])
  })

  it('do not wait for a flush longer than the interval', () => {
    const rig = startRecorder({ rejections: { perSecond: 0, flushIntervalMillis: 1_000 } })
    rig.recorder.recordRequest(refused())
    rig.recorder.flush(true)
    expect(recordsOf(rig, AGGREGATE)).toHaveLength(0)
    rig.now += SECOND
    rig.recorder.recordRequest(refused())
    expect(accountedFor(rig)).toBe(2)
    rig.recorder.recordRequest(refused())
    rig.now += SECOND
    rig.recorder.flush(true)
    expect(accountedFor(rig)).toBe(3)
  })

  it('become records a few at a time, so that no request waits for all of them', () => {
    const rig = startRecorder({ rejections: { perSecond: 0, flushIntervalMillis: 1_000 } })
    for (let i = 0; i < 60; i += 1) {
      rig.recorder.recordRequest(refused({ clientAddress: `192.0.2.${i}` }))
    }
    rig.now += SECOND
    rig.recorder.recordRequest(refused({ clientAddress: '192.0.2.60' }))
    expect(recordsOf(rig, AGGREGATE)).toHaveLength(1)
    rig.recorder.flush(true)
    expect(recordsOf(rig, AGGREGATE)).toHaveLength(21)
    rig.recorder.flush()
    expect(accountedFor(rig)).toBe(61)
    rig.recorder.flush()
    expect(accountedFor(rig)).toBe(61)
  })

  it('carry the frameworks of everything that they stand for', () => {
    const policy = parsePolicy({
      routes: [
        { match: '/a', frameworks: ['pci'] },
        { match: '/b', frameworks: ['hipaa'] },
      ],
    })
    const rig = startRecorder({ policy, rejections: { perSecond: 0 } })
    for (const route of ['/a', '/b', '/a', '/c']) rig.recorder.recordRequest(refused({ route }))
    rig.recorder.flush()
    expect(recordsOf(rig, AGGREGATE).map(({ attributes }) => attributes)).toEqual([
      expect.objectContaining({ 'compliance.framework': ['hipaa', 'pci'] }),
    ])
  })

  it('name no source where addresses are off', () => {
    const rig = startRecorder({ address: 'off', rejections: { perSecond: 0 } })
    rig.recorder.recordRequest(refused())
    rig.recorder.recordRequest(refused({ clientAddress: '192.0.2.8' }))
    rig.recorder.flush()
    expect(recordsOf(rig, AGGREGATE)).toHaveLength(1)
    expect(JSON.stringify(rig.sink.records)).not.toContain('client.address')
  })

  it('are each recorded or counted, whoever sends them and however the clock goes', () => {
    const step = fc.record({
      source: fc.integer({ min: 0, max: 20 }),
      reason: fc.constantFrom('expired' as const, 'bad_signature' as const, 'missing' as const),
      wait: fc.bigInt({ min: -2n, max: 20n }),
    })
    const limits = fc.record({
      perSecond: fc.integer({ min: 0, max: 3 }),
      burst: fc.integer({ min: 0, max: 5 }),
      maxSources: fc.integer({ min: 1, max: 5 }),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), limits, (steps, rejections) => {
        const rig = startRecorder({ rejections })
        for (const { reason, source, wait } of steps) {
          rig.now += wait * SECOND
          const clientAddress = `192.0.2.${source}`
          rig.recorder.recordRequest(
            refused({ clientAddress, rejection: rejectionWith({ reason }) }),
          )
        }
        rig.recorder.flush()
        expect(rig.faults).toEqual([])
        expect(accountedFor(rig)).toBe(steps.length)
      }),
      { numRuns: 200 },
    )
  })

  it.each([
    ['perSecond', -1],
    ['perSecond', 1.5],
    ['burst', -1],
    ['maxSources', 0],
    ['flushIntervalMillis', 0],
  ])('have no limit %s of %d', (name, value) => {
    expect(() => startRecorder({ rejections: { [name]: value } })).toThrow(`"rejections.${name}"`)
  })
})
