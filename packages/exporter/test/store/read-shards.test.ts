import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type UnreadablePart, readExport, readShards } from '@tokentrail/exporter'
import { verifyLogs, verifyShards } from '@tokentrail/ledger'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toLogRecord } from '../../../../test/backends/log-record.ts'
import { toLogsData } from '../../../../test/backends/s3.ts'
import { ROOT, buildTestLog } from '../../../ledger/test/log-builder.ts'
import { readRange } from '../../src/store/byte-range.ts'
import { temporaryFolder } from '../support/folder.ts'

const log = await buildTestLog({ count: 300, every: 25, frontierEvery: 3 })
const records = log.texts.map(toLogRecord)
const lines = Array.from({ length: Math.ceil(records.length / 5) }, (_, at) =>
  JSON.stringify(toLogsData(records.slice(at * 5, at * 5 + 5), 'orders')),
)

/** What is found of an export by one thread, and by several with small parts. */
async function both(content: string, name = 'records.jsonl') {
  const folder = temporaryFolder()
  writeFileSync(join(folder, name), content)
  const options = { roots: [ROOT], route: '*' } as const
  const one: UnreadablePart[] = []
  const many: UnreadablePart[] = []
  const whole = readExport([folder], { onUnreadable: (part) => one.push(part) })
  const shards = readShards([folder], {
    onUnreadable: (part) => many.push(part),
    threads: 2,
    partBytes: Math.max(1_000, Math.floor(content.length / 6)),
  })
  return [
    { report: await verifyLogs(whole, options), unreadable: one },
    { report: await verifyShards(shards, options), unreadable: many },
  ] as const
}

describe('an export that is read by threads', () => {
  it.each([
    ['whole', lines],
    ['with an altered record', lines.with(20, lines.at(20)!.replace('"allow', '"deny'))],
    [
      'with a differing copy',
      lines.with(
        30,
        lines
          .at(30)!
          .replace(
            '"key":"oauth.decision","value":{"stringValue":"allow"',
            '"key":"oauth.decision","value":{"stringValue":"deny"',
          ),
      ),
    ],
    ['with lines that are missing', lines.toSpliced(20, 3)],
    ['with lines that cannot be read', lines.with(13, 'garbage').with(41, '{}')],
    ['with half a line', lines.with(25, lines.at(25)!.slice(0, 700))],
    ['with blank lines', lines.flatMap((line) => [line, ''])],
  ])('%s gives what one thread gives, places included', async (_, changed) => {
    const [one, many] = await both(changed.join('\n'))
    expect(many).toEqual(one)
  })

  it('of another shape is not parted', async () => {
    const [one, many] = await both(
      JSON.stringify(
        lines.map((line) => JSON.parse(line) as object),
        null,
        1,
      ),
    )
    expect(one.report.verdict).toBe('VALID_SEALED')
    expect(many).toEqual(one)
  })

  it('of which a file does not exist is refused', async () => {
    await expect(readShards(['/nowhere']).next()).rejects.toMatchObject({
      code: 'ERR_EXPORTER_EXPORT_UNREADABLE',
    })
  })
})

describe('a range of a file', () => {
  it('has the lines that begin in it: ranges side by side have each line once', async () => {
    const path = join(temporaryFolder(), 'lines')
    const text = fc.array(fc.stringMatching(/^[a-z]{0,9}$/), { minLength: 1, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(text, fc.array(fc.nat(120)), fc.boolean(), async (texts, edges, isOpen) => {
        const content = texts.join('\n') + (isOpen ? '' : '\n')
        writeFileSync(path, content)
        const starts = [0, ...edges.sort((a, b) => a - b)]
        const parts = []
        for (const [at, start] of starts.entries()) {
          const range = { start, end: starts[at + 1] ?? Infinity }
          const read = Buffer.concat(await Array.fromAsync(readRange(path, range))).toString()
          expect(read === '' || at === starts.length - 1 || read.endsWith('\n') || isOpen).toBe(
            true,
          )
          parts.push(read)
        }
        expect(parts.join('')).toBe(content)
      }),
    )
  })
})
