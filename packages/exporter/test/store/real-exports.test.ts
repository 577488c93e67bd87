import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type UnreadablePart, readExport } from '@tokentrail/exporter'
import { verifyLogs } from '@tokentrail/ledger'
import type { JWK } from 'jose'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../support/folder.ts'

const corpus = join(import.meta.dirname, '..', 'fixtures', 'corpus')
const { keys: roots } = JSON.parse(readFileSync(join(corpus, 'roots.json'), 'utf8')) as {
  readonly keys: readonly JWK[]
}

it.each([
  ['s3-otlp-json', 8, 8],
  ['s3-otlp-json-unpacked', 8, 8],
  ['s3-body', 8, 8],
  ['opensearch-scroll', 9, 0],
  ['opensearch-search-after', 9, 0],
  ['opensearch-hits', 9, 0],
  ['opensearch-fields', 9, 0],
  ['splunk-hec-sent', 8, 8],
  ['splunk-hec-received', 8, 8],
])('an export of a real backend verifies: %s', async (folder, size, duplicates) => {
  const unreadable: UnreadablePart[] = []
  const records = readExport([join(corpus, folder)], {
    onUnreadable: (part) => unreadable.push(part),
  })
  const report = await verifyLogs(records, { roots, route: 'hipaa' })
  expect(report).toMatchObject({ verdict: 'VALID_SEALED', findings: [], duplicates })
  expect(report.records).toBe(size + duplicates)
  expect(unreadable).toEqual([])
})

it('names a date that a store gives back as another one', async () => {
  const file = join(temporaryFolder(), '0.json')
  const text = readFileSync(join(corpus, 'opensearch-fields', '0.json'), 'utf8')
  const altered = text.replace(/("Attributes.oauth.token.issued_at":\["[^"]+\.00)0Z/, '$11Z')
  expect(altered).not.toBe(text)
  writeFileSync(file, altered)
  const report = await verifyLogs(readExport([file]), { roots, route: 'hipaa' })
  expect(report.findings).toMatchObject([
    { verdict: 'PROJECTION_DIFFERS', attribute: 'oauth.token.issued_at' },
  ])
})
