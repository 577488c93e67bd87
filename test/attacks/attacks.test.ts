import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { listHarmless, listIndexedAttacks, listWholeAttacks, type Attack } from './attack.ts'
import { ATTACKED_SHAPES, judgeFile, write } from './judge.ts'
import { buildTargets } from './log.ts'
import { tallyAttacks, type Tally } from './tally.ts'

// The short form of run.ts: the same log and attacks, at a sample of its indexes, each through one
// shape after the other.
const targets = await buildTargets(1_000)
const oneShape = (at: number) => [ATTACKED_SHAPES[at % ATTACKED_SHAPES.length]!]

function problemsOf(tallies: ReadonlyMap<string, Tally>): string[] {
  return [...tallies].flatMap(([name, { problems }]) => problems.map((text) => `${name}: ${text}`))
}

test('every attack on a record is found, and its index named, whatever the backend', async () => {
  const tallies = await tallyAttacks(listIndexedAttacks(targets, 83), oneShape)
  expect(problemsOf(tallies)).toEqual([])
  expect(tallies.size).toBe(9)
}, 120_000)

test('every attack on a log as a whole is found', async () => {
  const all = await listWholeAttacks(targets)
  const names = new Set<string>()
  const isSampled = ({ name }: Attack, at: number): boolean => {
    const isFirst = !names.has(name)
    names.add(name)
    return isFirst || at % 9 === 0
  }
  expect(problemsOf(await tallyAttacks(all.filter(isSampled), oneShape))).toEqual([])
}, 120_000)

test('order and copies raise no alarm in any shape, and neither does what nothing could see', async () => {
  const harmless = listHarmless(targets, 2)
  expect(problemsOf(await tallyAttacks(harmless, () => ATTACKED_SHAPES))).toEqual([])
}, 120_000)

describe('what is added to a file, not to a log,', () => {
  const { texts } = targets.log
  const [lines] = ATTACKED_SHAPES
  const bodies = ATTACKED_SHAPES[2]
  const whole = Buffer.from(write(texts, lines!))
  const objects = write(texts, ATTACKED_SHAPES[1]!)
  const behind = (text: string): Buffer => Buffer.concat([whole, Buffer.from(text)])
  const inLine = (text: string): string => whole.toString().replace('\n', `${text}\n`)

  test.each<[string, string, string | Uint8Array]>([
    ['bytes behind the last line', 'a.json', behind('garbage')],
    ['a value that is not of an export, behind the last line', 'a.json', behind('{"x":1}')],
    ['bytes behind a value on its line', 'a.json', inLine('garbage')],
    ['a second value on a line', 'a.json', inLine('{}')],
    [
      'a second value on a line that is of an export, and empty',
      'a.json',
      inLine('{"resourceLogs":[]}'),
    ],
    [
      'bytes behind a gzip member',
      'a.json.gz',
      Buffer.concat([objects as Buffer, Buffer.from('x')]),
    ],
    [
      'zeros behind a gzip member',
      'a.json.gz',
      Buffer.concat([objects as Buffer, Buffer.alloc(9)]),
    ],
    ['white space behind a text', 'a.txt', String(write(texts, bodies!)).replace('\n', '  \n')],
  ])('is not passed over: %s', async (_, name, content) => {
    const folder = mkdtempSync(join(tmpdir(), 'tokentrail-attacks-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const path = join(folder, name)
    writeFileSync(path, content)
    const { report, unreadable } = await judgeFile({ verdicts: [] }, path)
    expect(report.exitCode + unreadable).toBeGreaterThan(0)
  })
})
