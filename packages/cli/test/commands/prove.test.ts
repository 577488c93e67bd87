import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LogRecord } from '../../../../test/backends/log-record.ts'
import { SHAPES } from '../../../../test/backends/shapes.ts'
import { type History, formatLine, recordHistory } from '../support/export.ts'
import { temporaryFolder } from '../support/folder.ts'
import { type Ran, runMain } from '../support/run.ts'

const keys = mkdtempSync(join(tmpdir(), 'tokentrail-cli-'))
let history: History
let records: readonly LogRecord[]
beforeAll(async () => {
  history = await recordHistory(keys)
  records = history.records as readonly LogRecord[]
})
afterAll(() => rmSync(keys, { recursive: true, force: true }))

interface Proof {
  readonly ran: Ran
  readonly out: string
}

/** Writes records as an export and makes a bundle from it. */
async function prove(
  about: readonly string[],
  of = records,
  more: readonly string[] = [],
): Promise<Proof> {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'records.jsonl'), formatLine(of))
  const out = join(folder, 'proof.json')
  const args = ['prove', ...about, folder, '--root', history.rootFile, '--out', out, ...more]
  return { ran: await runMain(args), out }
}

const verify = (path: string, ...more: string[]): Promise<Ran> =>
  runMain(['verify', path, '--root', history.rootFile, ...more])

const textOf = (record: LogRecord) =>
  JSON.parse(record.body.stringValue) as {
    readonly session?: string
    readonly index: number
    readonly log: string
  }

function sessionOf(): string {
  const session = records.map((record) => textOf(record).session).find((id) => id !== undefined)
  if (session === undefined) throw new Error('the history has no session')
  return session
}

const altered = (record: LogRecord): LogRecord => ({
  ...record,
  body: { stringValue: record.body.stringValue.replace('"web"', '"wob"') },
})

describe('tokentrail prove', () => {
  it('makes a bundle of a session that verify accepts, and says what it does not prove', async () => {
    const session = sessionOf()
    const { ran, out } = await prove(['--session', session])
    expect(ran).toMatchObject({ code: 0, err: [] })
    const { code, out: shown } = await verify(out)
    expect(code).toBe(0)
    expect(shown).toContain(`About session ${session}.`)
    expect(shown).toContain('oauth.token.observed')
    expect(shown).toContain('It does not prove that these are all records of the session')
    expect(shown).toContain('Self-issued certificate')
    expect(shown).toMatch(/\nPROVEN: all \d+ records are proven\n$/)
    expect(JSON.parse((await verify(out, '--json')).out)).toMatchObject({ verdict: 'PROVEN' })
  })

  it.each(SHAPES)('reads $name', async ({ file, write }) => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, file), write(records, 'orders'))
    const out = join(temporaryFolder(), 'proof.json')
    const about = ['--session', sessionOf(), '--root', history.rootFile, '--out', out]
    expect((await runMain(['prove', folder, ...about])).code).toBe(0)
    expect((await verify(out)).code).toBe(0)
  })

  it('makes a bundle of one record, and proofs for other tools', async () => {
    const { log, index } = textOf(records.at(3)!)
    const proofs = join(temporaryFolder(), 'proofs')
    const { ran, out } = await prove(['--record', `${log}.${index}`], records, [
      '--tlog-proofs',
      proofs,
    ])
    expect(ran.code).toBe(0)
    expect((await verify(out)).code).toBe(0)
    const names = readdirSync(proofs).filter((name) => name.endsWith('.tlog-proof'))
    expect(names.length).toBeGreaterThan(0)
    const proof = readFileSync(join(proofs, names[0] ?? ''), 'utf8')
    expect(proof).toMatch(/^c2sp\.org\/tlog-proof@v1\nindex \d+\n/)
  })

  it('finds an altered bundle out', async () => {
    const { out } = await prove(['--session', sessionOf()])
    const text = readFileSync(out, 'utf8')
    writeFileSync(out, text.replace('\\"allow\\"', '\\"deny\\"'))
    const { code, out: shown } = await verify(out)
    expect(code).toBe(21)
    expect(shown).toMatch(/^ALTERED  orders\/.*  index \d+\n    proof does not hold/m)
    expect(shown).toMatch(/\nALTERED: the bundle does not hold; believe none of it\n$/)
    writeFileSync(out, text.slice(0, -20))
    expect((await verify(out)).code).toBe(21)
  })

  it('makes none of records that were altered, are not there, or are not covered', async () => {
    const session = ['--session', sessionOf()]
    const changed = await prove(session, records.map(altered))
    expect(changed.ran.code).toBe(21)
    expect(changed.ran.err.join('\n')).toContain('it is not the record that the log has signed')
    const nobody = await prove(['--session', 'nobody'])
    expect(nobody.ran).toMatchObject({
      code: 1,
      err: ['tokentrail prove: the export has no such record'],
    })
    const open = await prove(session, records.slice(0, -3))
    expect(open.ran.code).toBe(10)
    for (const { out } of [changed, nobody, open]) expect(existsSync(out)).toBe(false)
  })

  it('overwrites nothing', async () => {
    const { ran, out } = await prove(['--session', sessionOf()])
    expect(ran.code).toBe(0)
    const again = await runMain([
      'prove',
      '--session',
      sessionOf(),
      join(out, '..', 'records.jsonl'),
      '--root',
      history.rootFile,
      '--out',
      out,
    ])
    expect(again).toMatchObject({
      code: 1,
      err: [
        `tokentrail prove: --out ${out} cannot be written (EEXIST). It is there already; name another file.`,
      ],
    })
  })

  it.each([
    ['nothing to prove', []],
    ['both', ['--session', 'a', '--record', 'b.1']],
    ['an empty session', ['--session', '']],
  ])('refuses %s', async (_, about) => {
    expect((await prove(about)).ran.code).toBe(2)
  })

  it.each([
    ['no file', ['--session', 'a', 'x', '--root', 'r']],
    ['no root', ['--session', 'a', 'x', '--out', 'o']],
  ])('refuses to work with %s', async (_, args) => {
    expect((await runMain(['prove', ...args])).code).toBe(2)
  })
})

describe('tokentrail verify, given bundles,', () => {
  it('takes several, and no export beside them', async () => {
    const { out } = await prove(['--session', sessionOf()])
    const folder = join(out, '..', 'records.jsonl')
    expect((await runMain(['verify', out, out, '--root', history.rootFile])).code).toBe(0)
    expect((await runMain(['verify', out, folder, '--root', history.rootFile])).code).toBe(2)
    expect((await verify(out, '--route', 'hipaa')).code).toBe(2)
  })
})
