import { verifyLogs } from '@tokentrail/ledger'
import { describe, expect, it } from 'vitest'
import { toLogRecord } from '../../../../test/backends/log-record.ts'
import { toLogsData } from '../../../../test/backends/s3.ts'
import { ROOT, buildTestLog } from '../../../ledger/test/log-builder.ts'
import { readOtlp } from '../../src/store/otlp-logs.ts'

const log = await buildTestLog({ count: 8, every: 4 })
const AT = 2

type Json = Record<string, unknown>
type Open = Json & { body: { stringValue: string }; attributes: { key: string; value: Json }[] }
type Change = (record: Open, line: Json) => void

/** Verifies the log with one record of its export spelled otherwise. */
async function verifyChanged(change: Change) {
  const data = toLogsData(log.texts.map(toLogRecord), 'orders') as Json & {
    resourceLogs: [{ scopeLogs: [{ logRecords: readonly (Open | undefined)[] }] }]
  }
  change(data.resourceLogs[0].scopeLogs[0].logRecords[AT]!, data)
  const source = { file: 'x', line: 1 }
  const { records, problems } = readOtlp(data, source)
  const report = await verifyLogs(records, { roots: [ROOT] })
  return { report, problems }
}

function valueOf(record: Open, name: string): Json {
  return record.attributes.find(({ key }) => key === name)!.value
}

const STATUS = 'http.response.status_code'

describe('what another reader of OTLP/JSON takes for a field is compared', () => {
  it.each<[string, string, Change]>([
    ['a field under its name in the .proto file', 'eventName', (r) => (r['event_name'] = 'x')],
    ['a time under that name', 'timeUnixNano', (r) => (r['time_unix_nano'] = '1')],
    ['an id under that name', 'traceId', (r) => (r['trace_id'] = 'ab'.repeat(16))],
    ['a severity under that name', 'severityNumber', (r) => (r['severity_number'] = 21)],
    ['a field of another type', 'eventName', (r) => (r['eventName'] = ['oauth.logout'])],
    ['a value under that name', STATUS, (r) => (valueOf(r, STATUS)['string_value'] = 'x')],
    ['two values of one attribute', STATUS, (r) => (valueOf(r, STATUS)['stringValue'] = 'x')],
    ['a number in hexadecimal', STATUS, (r) => (valueOf(r, STATUS)['intValue'] = '0xc8')],
    ['a list for a number', STATUS, (r) => (valueOf(r, STATUS)['intValue'] = ['200'])],
    [
      'an object whose member is an attribute',
      'user_agent',
      (r) => {
        const values = [{ key: 'name', value: { stringValue: 'x' } }]
        r.attributes.push({ key: 'user_agent', value: { kvlistValue: { values } } })
      },
    ],
    [
      'a map in place of the attributes',
      STATUS,
      (r) => Object.assign(r, { attributes: { [STATUS]: 500 } }),
    ],
  ])('%s', async (_, attribute, change) => {
    const { report } = await verifyChanged(change)
    expect(report.findings).toMatchObject([{ verdict: 'PROJECTION_DIFFERS', index: AT, attribute }])
  })

  it('an attribute many times, however deeply nested, is one difference', async () => {
    const deep = JSON.parse('['.repeat(50_000) + ']'.repeat(50_000)) as unknown
    const { report } = await verifyChanged(({ attributes }) => {
      valueOf({ attributes } as Open, STATUS)['intValue'] = deep
      for (let i = 0; i < 2_000; i++) {
        attributes.push({ key: STATUS, value: { stringValue: `${i}` } })
      }
    })
    expect(report.findings).toMatchObject([{ verdict: 'PROJECTION_DIFFERS', attribute: STATUS }])
  })

  it('one value of a list here and one there is not the list', async () => {
    const { report } = await verifyChanged((record) => {
      const scopes = ['read', 'write'].map((stringValue) => ({
        key: 'oauth.token.scopes',
        value: { stringValue },
      }))
      record.attributes = scopes
    })
    expect(report.findings).toMatchObject([{ attribute: 'oauth.token.scopes', index: AT }])
  })

  it('a body of two values is no text, and is told', async () => {
    const { report, problems } = await verifyChanged(({ body }) =>
      Object.assign(body, { kvlistValue: { values: [] } }),
    )
    expect(problems).toEqual([{ line: 1, reason: 'a record whose body is no text' }])
    expect(report.findings).toMatchObject([{ verdict: 'MISSING', index: AT }])
  })

  it('lists under their names in the .proto file are read', async () => {
    const { report } = await verifyChanged((record, line) => {
      const forged = structuredClone(record)
      Object.assign(forged, {
        body: { string_value: record.body.stringValue.replace('"allow"', '"deny"') },
        attributes: [],
      })
      line['resource_logs'] = [{ scope_logs: [{ log_records: [forged] }] }]
    })
    expect(report.findings).toMatchObject([{ verdict: 'FORGED_DUP', index: AT }])
  })

  it('the same value under both names is no difference', async () => {
    const { report } = await verifyChanged((r) => (r['event_name'] = r['eventName']))
    expect(report).toMatchObject({ verdict: 'VALID_SEALED', findings: [] })
  })
})
