import { hashLeaf } from '@tokentrail/ledger'
import type { ExportedRecord, PlainLeaf } from '@tokentrail/ledger/shard'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type LogRecord, toLogRecord } from '../../../../test/backends/log-record.ts'
import { toLogsData } from '../../../../test/backends/s3.ts'
import { buildTestLog } from '../../../ledger/test/log-builder.ts'
import { compareProjection } from '../../../ledger/src/verify/projection.ts'
import { readRecordText, toHead } from '../../../ledger/src/verify/record-text.ts'
import { readValue } from '../../src/store/json-values.ts'
import { OtlpLineReader } from '../../src/store/otlp-lines/line-reader.ts'
import { takeLeaf, takeRecord } from '../../src/store/otlp-lines/take-plain.ts'
import type { Reading } from '../../src/store/reading.ts'

const log = await buildTestLog({ count: 20, every: 6, frontierEvery: 2 })
const source = { file: 'x', line: 1 }
const records = log.texts.map(toLogRecord)
const toLine = (some: readonly object[], service = 'orders'): string =>
  JSON.stringify(toLogsData(some as LogRecord[], service))
const line = toLine(records)

/** Readers that have learned what the records of the log look like. */
function learned() {
  const lines = { leaves: new OtlpLineReader(takeLeaf), whole: new OtlpLineReader(takeRecord) }
  lines.leaves.read(Buffer.from(line), source)
  lines.whole.read(Buffer.from(line), source)
  return lines
}

/** An object with a copy of an attribute, as a backend may take it for that attribute. */
function withParts({ attributes }: LogRecord): object {
  const agent = attributes.find(({ key }) => key === 'user_agent.name')
  const values = [{ key: 'name', value: agent?.value }]
  return { key: 'user_agent', value: { kvlistValue: { values } } }
}

/** What parsing gives; nothing for what is no JSON. */
function parse(text: Buffer): Reading | undefined {
  try {
    const decoded = new TextDecoder('utf-8', { fatal: true }).decode(text)
    return readValue(JSON.parse(decoded), decoded, source)
  } catch {
    return undefined
  }
}

/** A record without its attributes, which may be left out where they are the text's own. */
function withoutAttributes(record: ExportedRecord | PlainLeaf): object {
  return { ...record, attributes: undefined }
}

/** What the verifier makes of a record: its leaf, where nothing about it is out of the ordinary. */
function leafOf(exported: ExportedRecord): object {
  const reading = readRecordText(exported.body)
  if (reading.status !== 'record') return {}
  const { index, observed, time } = toHead(reading.record)
  const { serviceName } = exported
  return {
    log: reading.record.log,
    index,
    seconds: Number((observed ?? time).slice(0, -9)),
    digest: Buffer.from(hashLeaf(exported.body)).toString('latin1'),
    ...(serviceName !== undefined && { serviceName }),
    source,
    differing: compareProjection({ ...exported, serviceName: '' }, toHead(reading.record)),
  }
}

/** Nothing may be read that parsing does not read, or in another way. */
function expectSame(bytes: Buffer, { leaves, whole }: ReturnType<typeof learned>): boolean {
  const [quick, full, slow] = [leaves.read(bytes, source), whole.read(bytes, source), parse(bytes)]
  expect(quick === undefined).toBe(full === undefined)
  if (quick === undefined || full === undefined) return false
  expect(slow).toBeDefined()
  expect(quick.problems).toEqual(slow!.problems)
  expect(full.problems).toEqual(slow!.problems)
  expect(full.records.map(withoutAttributes)).toEqual(slow!.records.map(withoutAttributes))
  const isLeaf = (at: number): boolean => 'digest' in (quick.records[at] ?? {})
  const known = slow!.records.map((record, at) => (isLeaf(at) ? leafOf(record) : record))
  const read = quick.records.map((record, at) => ({
    ...record,
    ...(isLeaf(at) && { differing: [] }),
  }))
  expect(read).toEqual(known)
  return quick.records.some((record) => 'digest' in record)
}

describe('reading a line of OTLP', () => {
  it('gives what parsing gives, and of plain records their leaves once they are known', () => {
    expect(expectSame(Buffer.from(line), learned())).toBe(true)
    expect(expectSame(Buffer.from(`${line}\r`), learned())).toBe(true)
    const { records: read = [] } = learned().leaves.read(Buffer.from(line), source) ?? {}
    const plain = read.filter((record) => 'digest' in record)
    expect(plain).toHaveLength(
      records.filter(({ eventName }) => eventName.startsWith('oauth')).length,
    )
  })

  it('with any byte changed, removed or doubled gives what parsing gives, or leaves it to it', () => {
    const short = Buffer.from(toLine(records.slice(1, 4)))
    const place = fc.integer({ min: 0, max: short.length - 1 })
    const byte = fc.oneof(fc.constantFrom(...Buffer.from('"\\{}[],:\u0000 0a')), fc.nat(255))
    const readers = learned()
    let read = 0
    fc.assert(
      fc.property(place, byte, fc.constantFrom('set', 'cut', 'add'), (at, value, how) => {
        const [before, after] = [
          short.subarray(0, at),
          short.subarray(at + (how === 'add' ? 0 : 1)),
        ]
        const middle = how === 'cut' ? [] : [Buffer.of(value)]
        if (expectSame(Buffer.concat([before, ...middle, after]), readers)) read++
      }),
      { numRuns: 3_000 },
    )
    expect(read).toBeGreaterThan(0)
  })

  it('with the same byte changed in a text and beside it gives what parsing gives', () => {
    const readers = learned()
    const record = JSON.stringify(records[2])
    const words = [...new Set(record.match(/[A-Za-z0-9.:-]{2,}/g))]
    const word = fc.constantFrom(...words)
    const other = fc.oneof(
      fc.constantFrom('', '0', '05', '-1', '1.5', 'true', 'null', '\\', '"', 'é', '\u007f', '\n'),
      fc.string({ unit: 'binary-ascii', maxLength: 3 }),
    )
    fc.assert(
      fc.property(word, other, fc.boolean(), (found, put, isSpelled) => {
        const spelled = isSpelled ? put : JSON.stringify(put).slice(1, -1)
        const bytes = Buffer.from(
          toLine([]).replace('[]', `[${record.replaceAll(found, spelled)}]`),
        )
        expectSame(bytes, readers)
      }),
      { numRuns: 2_000 },
    )
  })

  const severe = { severityNumber: 9, severityText: 'INFO' }
  it.each<[string, (record: LogRecord) => object]>([
    ['as the collector orders members', ({ eventName, ...rest }) => ({ ...rest, eventName })],
    ['with empty ids', (record) => ({ ...record, traceId: '', spanId: '' })],
    ['with a time of arrival', (record) => ({ observedTimeUnixNano: '17', ...record })],
    ['with its severity in words', (record) => ({ ...record, ...severe })],
    ['without attributes', (record) => ({ ...record, attributes: undefined })],
    ['with an empty list of attributes', (record) => ({ ...record, attributes: [] })],
    [
      'with attributes in another order',
      (record) => ({ ...record, attributes: record.attributes.toReversed() }),
    ],
    [
      'with attributes of others',
      (record) => ({
        ...record,
        attributes: [{ key: 'k8s.pod.name', value: { stringValue: 'a-1' } }, ...record.attributes],
      }),
    ],
    ['with ids before the body', ({ traceId, spanId, ...rest }) => ({ traceId, spanId, ...rest })],
  ])('learns records %s', (_, change) => {
    const readers = learned()
    const changed = Buffer.from(toLine(records.slice(2, 6).map(change)))
    expectSame(changed, readers)
    expect(
      readers.leaves.read(changed, source)?.records.every((record) => 'digest' in record),
    ).toBe(true)
    expect(expectSame(changed, readers)).toBe(true)
  })

  it.each<[string, (record: LogRecord) => object]>([
    [
      'a time in words that only looks the same',
      (r) => ({ ...r, timeUnixNano: Number(r.timeUnixNano) }),
    ],
    ['another id in upper case', (r) => ({ ...r, traceId: r.traceId?.toUpperCase() })],
    ['an id of zeros', (r) => ({ ...r, traceId: '0'.repeat(32) })],
    ['a number in words', (r) => ({ ...r, attributes: words(r, 'stringValue') })],
    ['a number with a zero before it', (r) => ({ ...r, attributes: words(r, 'intValue', '0') })],
    ['an attribute twice', (r) => ({ ...r, attributes: [...r.attributes, ...r.attributes] })],
    [
      'an attribute that differs',
      (r) => JSON.parse(JSON.stringify(r).replace(':"allow"', ':"deny"')) as object,
    ],
    ['an attribute before its body', ({ body, ...rest }) => ({ ...rest, body })],
    ['no body', (r) => ({ ...r, body: undefined })],
    ['a body of others', (r) => ({ ...r, eventName: 'x', body: { stringValue: 'hello' } })],
    ['a body that is no text', (r) => ({ ...r, body: { intValue: '1' } })],
    ['another severity', (r) => ({ ...r, severityNumber: 17 })],
    ['a second name of its time', (r) => ({ ...r, time_unix_nano: r.timeUnixNano })],
    ['an object of others', (r) => ({ ...r, attributes: [withParts(r), ...r.attributes] })],
  ])('with %s gives what parsing gives', (_, change) => {
    const readers = learned()
    const changed = Buffer.from(
      toLine([...records.slice(2, 6).map(change), ...records.slice(7, 9)]),
    )
    expectSame(changed, readers)
    expect(expectSame(changed, readers)).toBe(true)
  })

  it('with several resources and lists gives each record its own service', () => {
    const data = [toLogsData(records.slice(0, 3), 'orders'), toLogsData(records.slice(3, 9), 'b')]
    const resourceLogs = data.flatMap((one) => (one as { resourceLogs: object[] }).resourceLogs)
    expect(expectSame(Buffer.from(JSON.stringify({ resourceLogs })), learned())).toBe(true)
  })

  it.each([
    [
      'a list of records where none is',
      line.replace('{"attributes"', '{"logRecords":[],"attributes"'),
    ],
    [
      'a list of records that is spelled otherwise, and one where none is',
      line
        .replace('"logRecords":[', '"logRecords": [')
        .replace('"resource":{', '"resource":{"logRecords":[],'),
    ],
    [
      'an escaped name of such a list',
      line.replace('"logRecords":[', '"logRecord\\u0073":[],"x":{"logRecords":[]},"logRecords":['),
    ],
    ['a second list of records', line.replace(/\]\}\]\}\]\}$/, '],"logRecords":[]}]}]}')],
    ['another member', line.replace('{"resourceLogs"', '{"resourceSpans":[],"resourceLogs"')],
    ['a member twice', line.replace('"severityNumber":9', '"severityNumber":9,"severityNumber":9')],
    ['spaces', line.replace('"logRecords":[', '"logRecords": [')],
    ['a record that is none', line.replace('"logRecords":[', '"logRecords":[1,')],
    ['an open end', line.slice(0, -1)],
    ['more behind it', `${line}{}`],
    ['metrics', '{"resourceMetrics":[]}'],
    [
      'a list under the name of its .proto file',
      line.replace('"scopeLogs":[', '"scope_logs":[{"log_records":[]}],"scopeLogs":['),
    ],
  ])('leaves %s to parsing', (_, text) => {
    expect(text).not.toBe(line)
    expect(learned().leaves.read(Buffer.from(text), source)).toBeUndefined()
  })

  it('keeps nothing of a line for the next', () => {
    const { leaves } = learned()
    const names = [line, toLine(records.slice(3, 5), 'billing'), line].map(
      (text) => leaves.read(Buffer.from(text), source)?.records[0]?.serviceName,
    )
    expect(names).toEqual(['orders', 'billing', 'orders'])
  })

  it('learns a text of the longest that there may be, and none that is longer', () => {
    const text = (length: number): string => {
      const make = (note: string) =>
        `{"attributes":{"a.note":"${note}"},"index":1,"log":"l","time":"1795466401000000000","type":"oauth.x","v":1}`
      return make('n'.repeat(length - make('').length))
    }
    for (const [length, isPlain] of [
      [8_000, true],
      [8_001, false],
    ] as const) {
      const readers = learned()
      const long = (size: number) => Buffer.from(toLine([toLogRecord(text(size))]))
      readers.leaves.read(long(1_000), source)
      readers.whole.read(long(1_000), source)
      expect(expectSame(long(length), readers)).toBe(isPlain)
    }
  })
})

/** The attributes of a record with its numbers in another form. */
function words({ attributes }: LogRecord, form: string, before = ''): object[] {
  return attributes.map(({ key, value }) =>
    'intValue' in value ? { key, value: { [form]: before + value.intValue } } : { key, value },
  )
}
