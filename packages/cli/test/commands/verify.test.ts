import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { EXIT_CODES, type VerificationReport } from '@tokentrail/ledger'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LogRecord } from '../../../../test/backends/log-record.ts'
import { SHAPES } from '../../../../test/backends/shapes.ts'
import { START, formatLine, recordHistory, type History } from '../support/export.ts'
import { temporaryFolder } from '../support/folder.ts'
import { runMain, type Ran } from '../support/run.ts'

const keys = mkdtempSync(join(tmpdir(), 'tokentrail-cli-'))
let history: History
beforeAll(async () => {
  history = await recordHistory(keys)
})
afterAll(() => rmSync(keys, { recursive: true, force: true }))

/** Writes records as an export of one file and returns its folder. */
function writeExport(records: readonly object[]): string {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'records.jsonl'), formatLine(records))
  return folder
}

/** The export's record at a position, with another client in its text. */
function alterRecord(position: number): object {
  const record = history.records.at(position) as { readonly body: { readonly stringValue: string } }
  return { ...record, body: { stringValue: record.body.stringValue.replace('"web"', '"wob"') } }
}

const verify = (...args: string[]): Promise<Ran> =>
  runMain(['verify', ...args, '--root', history.rootFile])

/** Position of the first record of a type. */
function positionOf(type: string): number {
  return history.records.findIndex((record) => 'eventName' in record && record.eventName === type)
}

describe('tokentrail verify', () => {
  it('says that a whole export is valid, and what stands behind that', async () => {
    const { code, out, err } = await verify(writeExport(history.records))
    expect(code).toBe(0)
    expect(err).toEqual([])
    expect(out).toMatch(
      /^LOG +STATE +RECORDS .*\norders\/slot-0\/[\w-]+ +sealed +\d+ .* self-issued\n/,
    )
    expect(out).toContain(`Read ${history.records.length} log records.`)
    expect(out).toContain('Note: No outside anchor')
    expect(out).toContain('Note: Self-issued certificate')
    expect(out).toMatch(/\nVALID_SEALED: every record matches, and every log has a signed end\n$/)
  })

  it('accepts the private key as root, and never prints it', async () => {
    const folder = writeExport(history.records)
    const { d } = JSON.parse(readFileSync(history.signingKeyFile, 'utf8')) as { d: string }
    for (const format of [[], ['--json']]) {
      const ran = await runMain(['verify', folder, '--root', history.signingKeyFile, ...format])
      expect(ran.code).toBe(0)
      expect(JSON.stringify(ran)).not.toContain(d)
    }
  })

  it('reads any order, copies, several files, gzip and rotated files alike', async () => {
    const folder = temporaryFolder()
    const one = history.records.slice(0, 4)
    const two = history.records.slice(3).toReversed()
    writeFileSync(join(folder, 'records-2026-11-24T10-00-00.000.jsonl'), formatLine(two))
    writeFileSync(join(folder, 'records.jsonl.gz'), gzipSync(formatLine(one)))
    const { code, out } = await verify(folder)
    expect(code).toBe(0)
    expect(out).toContain(
      `Read ${history.records.length + 1} log records; of these 1 exact copies.`,
    )
  })

  it('passes over what stands beside records: traces, identities, an application’s own', async () => {
    const folder = writeExport(history.records)
    writeFileSync(join(folder, 'identities.jsonl'), formatLine(history.identities))
    writeFileSync(join(folder, 'traces.jsonl'), '{"resourceSpans":[]}\n')
    writeFileSync(join(folder, 'metrics.json'), '{"resourceMetrics":[]}\n')
    const own = { severityNumber: 9, body: { stringValue: 'order 7 accepted' } }
    writeFileSync(join(folder, 'application.jsonl'), formatLine([own]))
    writeFileSync(join(folder, 'README.txt'), 'not an export')
    const { code, out } = await verify(folder)
    expect(out).toContain(`${history.identities.length} identity records, which no proof covers.`)
    expect(out).not.toContain('UNREADABLE')
    expect(code).toBe(0)
  })

  it.each(SHAPES)('verifies $name', async ({ file, write }) => {
    const records = history.records as readonly LogRecord[]
    const folder = temporaryFolder()
    writeFileSync(join(folder, file), write(records, 'orders'))
    const { code, out } = await verify(folder)
    expect(out).toContain(`Read ${records.length} log records.`)
    expect(code).toBe(0)
  })

  it('verifies a slice, and says so', async () => {
    const certified = history.records.slice(0, 1)
    const slice = [...certified, ...history.records.slice(5)]
    const whole = await verify(writeExport(slice))
    expect(whole.code).toBe(20)
    const since = new Date(START + 1).toISOString()
    const { code, out } = await verify(writeExport(slice), '--since', since)
    expect(out).toContain('4 records before the slice are not missed.')
    expect(code).toBe(0)
  })

  it('gives the whole report as JSON', async () => {
    const { code, out } = await verify(writeExport(history.records), '--json')
    const report = JSON.parse(out) as VerificationReport
    expect(code).toBe(0)
    expect(report).toMatchObject({
      verdict: 'VALID_SEALED',
      exitCode: 0,
      records: history.records.length,
      findings: [],
      selfIssued: true,
      unreadable: [],
      unreadableParts: 0,
    })
    expect(report.logs[0]?.log).toMatch(/^orders\/slot-0\//)
  })

  it('exits with 20 when a record is missing, and names its index', async () => {
    const gone = positionOf('oauth.request')
    const { code, out } = await verify(writeExport(history.records.toSpliced(gone, 1)))
    expect(code).toBe(20)
    expect(out).toMatch(new RegExp(`^MISSING  orders/slot-0/\\S+  index ${gone}$`, 'm'))
    expect(out).toMatch(/\nMISSING: records are missing\n$/)
  })

  it('exits with 21 when a record was altered, and names file and line', async () => {
    const at = positionOf('oauth.request')
    const folder = writeExport(history.records.with(at, alterRecord(at)))
    const { code, out } = await verify(folder)
    expect(code).toBe(21)
    expect(out).toMatch(new RegExp(`^ALTERED  orders/slot-0/\\S+  index ${at}`, 'm'))
    expect(out).toMatch(/\nALTERED: records were altered\n$/)
  })

  it('exits with 22 when another record claims the place of one', async () => {
    const at = positionOf('oauth.request')
    const { code, out } = await verify(writeExport([...history.records, alterRecord(at)]))
    expect(code).toBe(22)
    expect(out).toMatch(/^FORGED_DUP  /m)
  })

  it('exits with 10 when the end of a log is cut off', async () => {
    const close = positionOf('tokentrail.log.close')
    const { code, out } = await verify(writeExport(history.records.slice(0, close)))
    expect(code).toBe(10)
    expect(out).toMatch(/^UNSEALED_END: /m)
  })

  it('is content with a running log that is signed past the time that matters', async () => {
    const folder = writeExport(history.records.slice(0, positionOf('tokentrail.log.close')))
    const early = await verify(folder, '--until', '2026-11-24T09:00:00Z')
    expect(early.out).toMatch(/\nVALID_UNTIL: /)
    expect(early.code).toBe(0)
    expect((await verify(folder, '--until', '2026-11-25')).code).toBe(10)
  })

  it('exits with 27 when the root is not the one that certified the log', async () => {
    const { rootFile } = await recordHistory(temporaryFolder())
    const folder = writeExport(history.records)
    const { code, out } = await runMain(['verify', folder, '--root', rootFile])
    expect(code).toBe(27)
    expect(out).toMatch(/^orders\/slot-0\/\S+ +unknown-key .* unknown$/m)
    expect(out).toMatch(/\nUNKNOWN_KEY: /)
    expect(
      (await runMain(['verify', folder, '--root', rootFile, '--root', history.rootFile])).code,
    ).toBe(0)
  })

  it('says which route was verified, and how many records of others are not missed', async () => {
    const isHere = (record: object) => !/"oauth\.request"/.test(JSON.stringify(record))
    const folder = writeExport(
      history.records.filter(
        (record) => isHere(record) || JSON.stringify(record).includes('hipaa'),
      ),
    )
    const { out } = await verify(folder, '--route', 'hipaa', '--json')
    expect((JSON.parse(out) as VerificationReport).route).toEqual({
      name: 'hipaa',
      inferred: false,
    })
    expect((await verify(folder, '--route', 'hipaa')).out).toMatch(
      /^Only route "hipaa" was verified \(as asked\): \d+ records of other routes are not missed\.$/m,
    )
    expect((await verify(folder, '--route', '*')).code).toBe(20)
  })

  it('exits with 1 for an input without records', async () => {
    const empty = temporaryFolder()
    expect(await verify(empty)).toMatchObject({
      code: 1,
      out: expect.stringMatching(/NO_RECORDS: the input holds no records\n$/),
    })
  })

  it('never says valid of parts that cannot be read', async () => {
    const folder = writeExport(history.records)
    appendFileSync(join(folder, 'records.jsonl'), '{"resourceLogs":[{"scope')
    const { code, out } = await verify(folder)
    expect(code).toBe(1)
    expect(out).toContain(
      `UNREADABLE  ${join(folder, 'records.jsonl')}, line 2: not one whole JSON`,
    )
    expect(out).toMatch(/VALID_SEALED: .*; but 1 parts of the input cannot be read, .*\n$/)
  })

  it('shows a few of many unreadable lines, and counts the rest', async () => {
    const file = join(temporaryFolder(), 'app.log')
    writeFileSync(file, 'a plain line\n'.repeat(1500))
    const { code, out } = await verify(file)
    expect(code).toBe(1)
    expect(out.match(/UNREADABLE/g)).toHaveLength(11)
    expect(out).toContain('and 1490 more parts that cannot be read')
    const json = JSON.parse((await verify(file, '--json')).out) as { unreadable: unknown[] }
    expect(json).toMatchObject({ verdict: 'NO_RECORDS', unreadableParts: 1500 })
    expect(json.unreadable).toHaveLength(1000)
  })

  it('keeps hostile file names and records from the terminal', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, '\u001b[2J'))
    writeFileSync(join(folder, '\u001b[2J', 'x.jsonl'), 'no json\n')
    const log = { v: 1, log: '\u001b]0;x', index: 0, type: '\u202e', time: '1' }
    const hostile = { eventName: 'oauth.request', body: { stringValue: JSON.stringify(log) } }
    writeFileSync(join(folder, 'y.jsonl'), formatLine([hostile]))
    for (const format of [[], ['--json']]) {
      const { out } = await verify(folder, ...format)
      expect(out.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
    }
  })

  it('shows progress to a person, and to nobody else', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'a.jsonl'), formatLine(history.records).repeat(100))
    const args = ['verify', folder, '--root', history.rootFile]
    let nanos = 0n
    const now = () => (nanos += 1_000_000_000n)
    const watch = async (more: readonly string[], interactive: boolean) => {
      const shown: string[] = []
      const status = (text: string) => void shown.push(text)
      expect((await runMain([...args, ...more], { interactive, now, status })).err).toEqual([])
      return shown
    }
    expect(await watch([], false)).toEqual([])
    expect(await watch(['--json'], true)).toEqual([])
    expect(await watch([], true)).toContain('100 % read, 0 records')
  })
})

it('the help and the README name the exit code of every verdict', async () => {
  const { out } = await runMain(['verify', '--help'])
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  for (const [verdict, code] of Object.entries(EXIT_CODES)) {
    const row = new RegExp(`^\\| ${code} +\\| .*\\b${verdict}\\b`, 'm')
    expect(readme).toMatch(row)
    // The help says of an input without records what that means, not its verdict.
    const shown = verdict === 'NO_RECORDS' ? 'nothing to read' : verdict
    expect(out).toMatch(new RegExp(`\\b${code}  (?:[A-Z_]+, )?${shown}\\b`))
  }
})

describe('tokentrail verify, called wrongly,', () => {
  it.each<[string[], string]>([
    [[], 'name at least one file or folder to verify'],
    [['--root', 'r.json'], 'name at least one file or folder to verify'],
    [['export'], 'name the public root key with --root, e.g. root.jwk.json'],
    [['', '--root', 'r.json'], 'a path is empty; name a file or folder'],
    [['export', '--root', '/none.json'], '--root /none.json cannot be read (ENOENT)'],
    [['export', '--root'], '--root needs a value'],
    [['export', '--rot=r.json'], 'unknown option --rot; did you mean --root?'],
    [['export', '--root', 'r', '--json=1'], '--json takes no value'],
    [['export', '--root', 'r', '--until', 'soon'], '--until must be a time'],
    [['export', '--root', 'r', '--until', '1', '--until', '2'], '--until may be given once'],
    [['export', '--root', 'r', '--route', ''], '--route must be the name of a framework'],
  ])('is refused for %j', async (args, message) => {
    const { code, out, err } = await runMain(['verify', ...args])
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err[0]).toMatch(`tokentrail verify: ${message}`)
    expect(err[1]).toBe('Try "tokentrail verify --help".')
  })

  it('names a path that is not there', async () => {
    const { code, err } = await verify('/none/of/this')
    expect(code).toBe(1)
    expect(err).toEqual([
      'tokentrail verify: /none/of/this cannot be read (ENOENT). Name a file or folder that exists.',
    ])
  })
})
