import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ViewerError } from '../../src/errors.ts'
import { readOtlpLogs } from '../../src/receiver/otlp.ts'
import { buildOtlp, buildText } from '../texts.ts'

describe('readOtlpLogs', () => {
  it('takes the texts out of resources and scopes, in order', () => {
    const texts = [buildText({ index: 0 }), buildText({ index: 1 })]
    const { records } = readOtlpLogs(buildOtlp(texts))
    expect(records.map(({ text }) => text)).toEqual(texts)
    expect(records[0]?.eventName).toBe('oauth.request')
  })

  it.each([
    [null, '"$" must be an object'],
    [[], '"$" must be an object'],
    [{ resourceLogs: {} }, '"resourceLogs" must be an array'],
    [{ resourceLogs: [7] }, '"resourceLogs[0]" must be an object'],
    [{ resourceLogs: [{}, { scopeLogs: 'x' }] }, '"resourceLogs[1].scopeLogs" must be an array'],
    [
      { resourceLogs: [{ scopeLogs: [{ logRecords: 1 }] }] },
      '"resourceLogs[0].scopeLogs[0].logRecords" must be an array',
    ],
  ])('names the path that is wrong in %j', (message, problem) => {
    expect(() => readOtlpLogs(message)).toThrow(problem)
    expect(() => readOtlpLogs(message)).toThrow(ViewerError)
  })

  it('counts log records that are no object and keeps the others', () => {
    const logRecords = [null, { eventName: 'oauth.request', body: { stringValue: '{}' } }, 5]
    const read = readOtlpLogs({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] })
    expect(read).toEqual({ broken: 2, records: [{ eventName: 'oauth.request', text: '{}' }] })
  })

  const errorOf = (message: unknown): unknown => {
    try {
      readOtlpLogs(message)
      return undefined
    } catch (error) {
      return error
    }
  }

  it('throws nothing but its own error', () => {
    const part = fc.oneof(fc.jsonValue(), fc.constant([{}]))
    const message = fc.oneof(
      fc.jsonValue(),
      fc.record({ resourceLogs: part }),
      fc.record({ resourceLogs: fc.array(fc.record({ scopeLogs: part })) }),
      fc.record({
        resourceLogs: fc.array(
          fc.record({ scopeLogs: fc.array(fc.record({ logRecords: fc.array(fc.jsonValue()) })) }),
        ),
      }),
    )
    fc.assert(
      fc.property(message, (value) => {
        const error = errorOf(value)
        expect(error === undefined || error instanceof ViewerError).toBe(true)
      }),
    )
  })
})
