import { describe, expect, it } from 'vitest'
import { judgeReply, parseRetryAfter } from '../../src/send/answer.ts'
import { backoffMillis } from '../../src/send/backoff.ts'

const NOW = Date.parse('2026-11-23T21:40:00Z')
const judge = (statusCode: number, body = '') => judgeReply({ statusCode, body }, NOW)

describe('a reply', () => {
  it.each([
    '',
    '{}',
    '{"partialSuccess":null}',
    '{"partialSuccess":{}}',
    '{"partialSuccess":{"rejectedLogRecords":"0"}}',
  ])('of 200 with the body %j is a full success', (body) => {
    expect(judge(200, body)).toEqual({ status: 'delivered' })
  })

  it.each([
    'OK',
    '<html>',
    '[1',
    '[]',
    'null',
    '"text"',
    '{"partialSuccess":7}',
    '{"partialSuccess":[]}',
    '{"partialSuccess":{"rejectedLogRecords":"many"}}',
  ])('of 200 with the body %j is not known to be one', (body) => {
    expect(judge(200, body)).toMatchObject({ status: 'retry' })
  })

  it.each([
    '{"partialSuccess":{"rejectedLogRecords":"1"}}',
    '{"partialSuccess":{"rejectedLogRecords":3}}',
  ])('of 200 with the body %j refuses some', (body) => {
    expect(judge(200, body)).toMatchObject({ status: 'refused', statusCode: 200 })
  })

  it.each([429, 502, 503, 504, 408])('of %i asks to come again', (status) => {
    expect(judge(status)).toEqual({ status: 'retry', reason: String(status) })
  })

  it.each([400, 413, 422, 500])('of %i refuses these records', (status) => {
    expect(judge(status)).toMatchObject({ status: 'refused', statusCode: status })
  })

  it.each([401, 403, 404, 405, 301, 418, 501, 100])('of %i is about the endpoint', (status) => {
    expect(judge(status)).toEqual({ status: 'blocked', reason: String(status) })
  })

  it('that never came asks to come again', () => {
    expect(judgeReply({ failure: 'ECONNREFUSED' }, NOW)).toEqual({
      status: 'retry',
      reason: 'ECONNREFUSED',
    })
  })
})

describe('Retry-After', () => {
  it.each([
    ['3', 3000],
    ['0', 0],
    ['Mon, 23 Nov 2026 21:40:10 GMT', 10_000],
    ['999999999999', 300_000],
    ['Fri, 31 Dec 9999 23:59:59 GMT', 300_000],
    ['-5', undefined],
    ['Mon, 23 Nov 2026 21:39:00 GMT', undefined],
    ['soon', undefined],
    ['', undefined],
  ])('of %j is %s milliseconds', (value, millis) => {
    expect(parseRetryAfter(value, NOW)).toBe(millis)
  })
})

describe('the wait between attempts', () => {
  const limits = { minBackoffMillis: 1000, maxBackoffMillis: 60_000 }

  it('doubles its limit up to the greatest, and is anything below', () => {
    expect([0, 1, 2, 5, 6, 1000].map((attempt) => backoffMillis(attempt, limits, 1))).toEqual([
      1000, 2000, 4000, 32_000, 60_000, 60_000,
    ])
    expect(backoffMillis(3, limits, 0.5)).toBe(4000)
    expect(backoffMillis(3, limits, 0)).toBe(0)
  })
})
