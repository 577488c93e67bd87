import type { RecordRow } from '@tokentrail/viewer'
import { expect, it } from 'vitest'
import { formatRecords } from '../../src/output/records.ts'

const empty: RecordRow = {
  uid: 'orders/slot/id.7',
  log: 'orders/slot/id',
  index: 7,
  type: 'tokentrail.log.close',
  time: '1795514400000000000',
  session: null,
  user: null,
  client: null,
  method: null,
  route: null,
  status: null,
  decision: null,
  reason: null,
  errorCode: null,
  scopes: [],
  missingScopes: [],
  frameworks: [],
  trace: null,
  span: null,
  token: null,
  service: 'orders',
  address: null,
  userAgent: null,
}

/** The cells of one record. */
function cellsOf(row: Partial<RecordRow>): readonly string[] {
  return (formatRecords([{ ...empty, ...row }]).split('\n')[1] ?? '').split(/ {2,}/)
}

it('names every member that a record has', () => {
  const row: Partial<RecordRow> = {
    type: 'oauth.request.rejected',
    session: 'ggrujCyEbrXDCb-gzOB31w',
    user: { hash: 'FC0PeakgXNYEm25M5gIHiA', name: 'alice' },
    client: 'web',
    method: 'GET',
    route: '/v1/orders',
    status: 403,
    decision: 'deny',
    reason: 'insufficient_scope',
  }
  expect(cellsOf(row)).toEqual([
    '2026-11-24T10:00:00.000Z',
    'oauth.request.rejected',
    'alice',
    'web',
    'GET /v1/orders',
    '403',
    'deny: insufficient_scope',
    'ggrujCyEbrXDCb-gzOB31w',
  ])
})

it('shows a dash for what a record does not have', () => {
  expect(cellsOf({}).slice(2)).toEqual(['-', '-', '-', '-', '-', '-'])
})

it('shows the pseudonym of a user whose name is not at hand', () => {
  expect(cellsOf({ user: { hash: 'FC0PeakgXNYEm25M5gIHiA', name: null } })[2]).toBe(
    'FC0PeakgXNYEm25M5gIHiA',
  )
})

it('escapes what an attacker may have put into a record', () => {
  expect(formatRecords([{ ...empty, client: '\u001b[2J\nforged' }])).toContain('\\u001b[2J\\u000a')
})
