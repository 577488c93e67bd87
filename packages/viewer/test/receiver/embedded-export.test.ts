import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openEmbeddedExport } from '../../src/receiver/embedded-export.ts'

const record = (eventName: string) => ({ eventName, body: { stringValue: '{}' } })
const message = (...names: string[]) => ({
  resourceLogs: [{ scopeLogs: [{ logRecords: names.map(record) }] }],
})

describe('the export of a viewer that stands in for a collector', () => {
  let folder: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tokentrail-embedded-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const linesOf = (name: string): string[] =>
    readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1)

  it('keeps identities apart from the evidence, and leaves out what others log', () => {
    const exported = openEmbeddedExport(folder)
    exported.write(message('oauth.request', 'tokentrail.identity', 'app.started'))
    exported.close()
    expect(linesOf('records.jsonl')).toEqual([JSON.stringify(message('oauth.request'))])
    expect(linesOf('identities.jsonl')).toEqual([JSON.stringify(message('tokentrail.identity'))])
  })

  it('goes on behind what an earlier viewer wrote, on a new line after half a one', () => {
    for (let run = 0; run < 2; run++) {
      const exported = openEmbeddedExport(folder)
      exported.write(message('oauth.request'))
      exported.close()
      appendFileSync(join(folder, 'records.jsonl'), run === 0 ? '{"resourceLogs":[{"sc' : '')
    }
    const line = JSON.stringify(message('oauth.request'))
    expect(linesOf('records.jsonl')).toEqual([line, '{"resourceLogs":[{"sc', line])
    expect(linesOf('identities.jsonl')).toEqual([])
  })
})
