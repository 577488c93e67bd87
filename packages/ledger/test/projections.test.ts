import { describe, expect, test } from 'vitest'
import { severityOf, verifyLogs } from '../src/index.ts'
import type { ExportedRecord, VerificationReport } from '../src/index.ts'
import { ROOT, buildTestLog } from './log-builder.ts'
import { type Members } from './verify-harness.ts'

const { texts } = await buildTestLog({ count: 8 })
const project = (text: string): ExportedRecord => {
  const record = JSON.parse(text) as Members
  return {
    body: text,
    eventName: String(record['type']),
    timeUnixNano: String(record['time']),
    severityNumber: severityOf(String(record['type']), record['attributes'] as Members | undefined),
    ...(record['trace'] !== undefined && {
      traceId: record['trace'] as string,
      spanId: record['span'] as string,
    }),
    attributes: {
      ...(record['attributes'] as Members | undefined),
      ...(record['session'] !== undefined && { 'oauth.session.id': record['session'] }),
      'log.record.uid': `${String(record['log'])}.${String(record['index'])}`,
      'audit.outcome': 'success',
      'service.name': 'orders',
    },
  }
}
const check = (change: (record: Members) => void): Promise<VerificationReport> => {
  const records = texts.map(project)
  const changed = structuredClone(records[2]) as unknown as Members
  change(changed)
  return verifyLogs(records.with(2, changed as unknown as ExportedRecord), { roots: [ROOT] })
}
const SERVICE = decodeURIComponent(
  (JSON.parse(texts[0] ?? '') as { readonly log: string }).log.split('/', 1)[0] ?? '',
)
const attribute = (record: Members): Members => record['attributes'] as Members

test.each([
  ['as they are', () => {}],
  ['without any attribute', (r: Members) => delete r['attributes']],
  ['without fields', (r: Members) => ['eventName', 'traceId', 'spanId'].map((n) => delete r[n])],
  ['with numbers as strings', (r: Members) => (attribute(r)['http.response.status_code'] = '201')],
  [
    'with an array as JSON',
    (r: Members) => (attribute(r)['oauth.token.scopes'] = '["read","write"]'),
  ],
  ['without a severity', (r: Members) => delete r['severityNumber']],
  ['with an unspecified severity', (r: Members) => (r['severityNumber'] = 0)],
  ['with the name of their severity', (r: Members) => (r['severityText'] = 'Info')],
  ['with its time in milliseconds', (r: Members) => (r['timeUnixNano'] = cut(r, 6))],
  ['with its time in microseconds', (r: Members) => (r['timeUnixNano'] = cut(r, 3))],
  ['with upper-case ids', (r: Members) => (r['traceId'] = String(r['traceId']).toUpperCase())],
  ['with empty ids', (r: Members) => (r['traceId'] = '')],
  ['with the service of its log', (r: Members) => (r['serviceName'] = SERVICE)],
  [
    'with an attribute as a member of an object',
    (r: Members) => (attribute(r)['http'] = { response: { status_code: 201 } }),
  ],
  ['with an object of others', (r: Members) => (attribute(r)['k8s'] = { pod: { name: 'x' } })],
  ['with attributes of others', (r: Members) => (attribute(r)['elasticsearch.id'] = 'x')],
])('%s are no finding', async (_, change) => {
  expect(await check(change)).toMatchObject({ verdict: 'VALID_SEALED', findings: [] })
})

test.each([
  ['http.request.method', (r: Members) => (attribute(r)['http.request.method'] = 'POST')],
  ['http.response.status_code', (r: Members) => (attribute(r)['http.response.status_code'] = 500)],
  ['oauth.token.scopes', (r: Members) => (attribute(r)['oauth.token.scopes'] = ['read'])],
  ['oauth.session.id', (r: Members) => (attribute(r)['oauth.session.id'] = 'x')],
  ['log.record.uid', (r: Members) => (attribute(r)['log.record.uid'] = 'x.1')],
  ['user.id', (r: Members) => (attribute(r)['user.id'] = 'alice')],
  ['oauth.client.id', (r: Members) => (attribute(r)['oauth.client.id'] = 'x')],
  ['user', (r: Members) => (attribute(r)['user'] = { id: 'alice' })],
  ['user', (r: Members) => (attribute(r)['user'] = [[{ id: 'alice' }]])],
  ['http', (r: Members) => (attribute(r)['http'] = { response: { status_code: 500 } })],
  ['eventName', (r: Members) => (r['eventName'] = 'oauth.logout')],
  ['timeUnixNano', (r: Members) => (r['timeUnixNano'] = '1795466402000000124')],
  ['severityNumber', (r: Members) => (r['severityNumber'] = 17)],
  ['severityNumber', (r: Members) => (r['severityNumber'] = Number.NaN)],
  ['severityText', (r: Members) => (r['severityText'] = 'DEBUG')],
  ['severityText', (r: Members) => (r['severityText'] = 'none of them')],
  ['traceId', (r: Members) => (r['traceId'] = '0'.repeat(31) + '1')],
  ['spanId', (r: Members) => (r['spanId'] = 'ffffffffffffffff')],
  ['service.name', (r: Members) => (r['serviceName'] = 'payments')],
  ['service.name', (r: Members) => (r['serviceName'] = SERVICE.slice(0, -1))],
])('a different %s is named', async (name, change) => {
  const report = await check(change)
  expect(report).toMatchObject({ verdict: 'PROJECTION_DIFFERS', exitCode: 26 })
  expect(report.findings).toMatchObject([{ index: 2, attribute: name }])
})

function cut(record: Members, digits: number): string {
  return String(record['timeUnixNano']).slice(0, -digits) + '0'.repeat(digits)
}

describe('the severity that a text implies', () => {
  const rejected = 'oauth.request.rejected'
  const alert = 'tokentrail.alert.raised'
  const reason = (value: string) => ({ 'oauth.rejection.reason': value })
  const asked = (value: number) => ({ 'tokentrail.alert.severity': value })

  test.each([
    [rejected, reason('nonce_required'), 9, 13],
    [rejected, reason('expired'), 13, 9],
    [
      rejected,
      { ...reason('expired'), 'url.path': JSON.stringify(reason('nonce_required')) },
      13,
      9,
    ],
    [alert, asked(21), 21, 13],
    [alert, asked(99), 13, 21],
    ['tokentrail.recorder.gap', {}, 17, 9],
  ])('of %s with %o is %i', async (type, attributes, implied, other) => {
    const { texts } = await buildTestLog({ count: 1, extras: [{ type, attributes }] })
    const check = async (severityNumber: number) => {
      const bodies = texts.map((body) => ({ body }))
      const records = bodies.with(1, { body: texts[1]!, severityNumber } as ExportedRecord)
      const { findings } = await verifyLogs(records, { roots: [ROOT] })
      return findings.map(({ attribute }) => attribute)
    }
    expect(await check(implied)).toEqual([])
    expect(await check(other)).toEqual(['severityNumber'])
  })

  test('is not known of a type of a later version, so nothing differs from it', async () => {
    const { texts } = await buildTestLog({ count: 1, extras: [{ type: 'oauth.later' }] })
    const records = texts.map((body) => ({ body, severityNumber: 13, eventName: 'oauth.later' }))
    const { findings } = await verifyLogs([records[1]!], { roots: [ROOT] })
    expect(findings.filter(({ verdict }) => verdict === 'PROJECTION_DIFFERS')).toEqual([])
  })
})
