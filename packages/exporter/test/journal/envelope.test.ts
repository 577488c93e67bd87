import { writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { nodeDisk } from '../../src/disk/node-disk.ts'
import { formatEnvelope, readEnvelope } from '../../src/journal/envelope.ts'
import { logPaths } from '../../src/journal/layout.ts'
import { temporaryFolder } from '../support/folder.ts'

describe("a log's envelope", () => {
  const whole = formatEnvelope({ 'service.name': 'orders' }, { name: 'scope', version: '1' })

  function read(text: string): string {
    const directory = temporaryFolder()
    writeFileSync(logPaths(directory).envelope, text)
    return readEnvelope(nodeDisk, directory)
  }

  it('is used as it was written', () => {
    expect(read(whole)).toBe(whole)
  })

  it.each([
    ['resourceLogs', 'resourceLogz'],
    ['scopeLogs', 'scopeLogz'],
    ['logRecords', 'logRecordz'],
    ['stringValue', 'stringValuf'],
    ['attributes', 'attributeS'],
  ])('in which %s was damaged is not: a receiver would see no record in it', (name, damaged) => {
    const used = read(whole.replace(name, damaged))
    expect(used).not.toContain(damaged)
    expect(JSON.parse(used)).toMatchObject({ resourceLogs: [{ scopeLogs: [{ logRecords: [] }] }] })
  })
})
