import type { ExportedRecord } from '@tokentrail/ledger'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toLogRecord } from '../../../../test/backends/log-record.ts'
import { toLogsData } from '../../../../test/backends/s3.ts'
import { buildTestLog } from '../../../ledger/test/log-builder.ts'
import { OtlpLineScanner } from '../../src/store/otlp-line-scanner.ts'
import { readOtlp } from '../../src/store/otlp-logs.ts'

const log = await buildTestLog({ count: 20, every: 6, frontierEvery: 2 })
const source = { file: 'x', line: 1 }
const line = JSON.stringify(toLogsData(log.texts.map(toLogRecord), 'orders'))

const scan = (text: string | Uint8Array) => new OtlpLineScanner().scan(Buffer.from(text), source)

/** What the slow way reads; nothing for what is no JSON. */
function parse(text: Buffer): readonly ExportedRecord[] | undefined {
  try {
    const decoded = new TextDecoder('utf-8', { fatal: true }).decode(text)
    return readOtlp(JSON.parse(decoded) as { [name: string]: unknown }, source).records
  } catch {
    return undefined
  }
}

/** What the text itself says of an attribute, and of those that stand for other members. */
function ownAttributes(body: string): { readonly [name: string]: unknown } {
  const { attributes, session, log, index } = JSON.parse(body) as {
    readonly [name: string]: unknown
  }
  const derived = { 'log.record.uid': `${String(log)}.${String(index)}` }
  return {
    ...(attributes as object),
    ...derived,
    ...(session !== undefined && { 'oauth.session.id': session }),
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** The quick way may only leave out attributes that are the text's own. */
function expectSame(quick: readonly ExportedRecord[], slow: readonly ExportedRecord[]): void {
  const withoutAttributes = (record: ExportedRecord) => ({ ...record, attributes: {} })
  expect(quick.map(withoutAttributes)).toEqual(slow.map(withoutAttributes))
  for (const [at, { attributes, body }] of slow.entries()) {
    // Of a text that is no JSON any more nothing is compared.
    if (quick[at]?.attributes !== undefined || !isJson(body)) continue
    expect(ownAttributes(body)).toMatchObject(attributes ?? {})
  }
}

describe('scanning a line of the collector', () => {
  it('gives what parsing gives, without the attributes that are the text’s own', () => {
    const { records = [] } = scan(line) ?? {}
    expectSame(records, parse(Buffer.from(line)) ?? [])
    expect(records).toHaveLength(log.texts.length)
    expect(records.every(({ attributes }) => attributes === undefined)).toBe(true)
    expect(scan(`${line}\r`)?.records).toHaveLength(log.texts.length)
  })

  it('with any byte changed, removed or doubled gives what parsing gives, or leaves it to it', () => {
    const bytes = Buffer.from(line)
    const place = fc.integer({ min: 0, max: bytes.length - 1 })
    const byte = fc.oneof(fc.constantFrom(...Buffer.from('"\\{}[],:\u0000 0a')), fc.nat(255))
    let read = 0
    fc.assert(
      fc.property(place, byte, fc.constantFrom('set', 'cut', 'add'), (at, value, how) => {
        const [before, after] = [
          bytes.subarray(0, at),
          bytes.subarray(at + (how === 'add' ? 0 : 1)),
        ]
        const middle = how === 'cut' ? [] : [Buffer.of(value)]
        const changed = Buffer.concat([before, ...middle, after])
        const quick = scan(changed)
        if (quick === undefined) return
        read++
        const slow = parse(changed)
        expect(slow).toBeDefined()
        expectSame(quick.records, slow ?? [])
      }),
      { numRuns: 3_000 },
    )
    expect(read).toBeGreaterThan(0)
  })

  const first = line.indexOf('"attributes":[', line.indexOf('"oauth.request"'))
  it.each([
    ['a second body', line.replace('"body":', '"body":{"stringValue":"x"},"body":')],
    ['a second list of records', line.replace(/\]\}\]\}\]\}$/, '],"logRecords":[]}]}]}')],
    ['a second scope', line.replace(/\]\}\]\}$/, '},{"logRecords":[]}]}]}')],
    ['a second resource', line.replace('"resource":', '"resource":{},"resource":')],
    ['an unknown member', line.replace('"severityNumber":9', '"severity":9')],
    [
      'a member twice',
      line.replace('"severityNumber":9', '"spanId":"a","spanId":"a","severityNumber":9'),
    ],
    ['an attribute twice', line.replaceAll(/(\{"key":"oauth.decision".*?\}\})/g, '$1,$1')],
    [
      'an attribute that differs',
      line.replaceAll('{"stringValue":"allow"}', '{"stringValue":"deny"}'),
    ],
    ['an attribute before its body', `${line.slice(0, first)}"attributes":[],${line.slice(first)}`],
    ['another id', line.replaceAll('test-log.1"', 'test-log.2"')],
    [
      'another session',
      line.replaceAll('{"stringValue":"session-1"}', '{"stringValue":"session-2"}'),
    ],
    ['a text that is not canonical', line.replaceAll('\\"v\\":1}"', '\\"v\\": 1}"')],
    ['spaces', line.replace('"logRecords":[', '"logRecords": [')],
    ['metrics', '{"resourceMetrics":[]}'],
  ])('leaves %s to parsing', (_, text) => {
    expect(text).not.toBe(line)
    expect(scan(text)).toBeUndefined()
  })

  it('keeps nothing of a line for the next', () => {
    const scanner = new OtlpLineScanner()
    const other = JSON.stringify(toLogsData(log.texts.slice(3, 5).map(toLogRecord), 'billing'))
    const names = [line, other, line].map(
      (text) => scanner.scan(Buffer.from(text), source)?.records[0]?.serviceName,
    )
    expect(names).toEqual(['orders', 'billing', 'orders'])
  })
})
