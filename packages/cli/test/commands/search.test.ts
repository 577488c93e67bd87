import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore, type RecordRow } from '@tokentrail/viewer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatLine, recordHistory, START, TOKEN, type History } from '../support/export.ts'
import { temporaryFolder } from '../support/folder.ts'
import { runMain, type Surroundings } from '../support/run.ts'

const folder = mkdtempSync(join(tmpdir(), 'tokentrail-cli-'))
const exported = join(folder, 'export')
let history: History
beforeAll(async () => {
  history = await recordHistory(folder)
  mkdirSync(exported)
  writeFileSync(join(exported, 'records.jsonl'), formatLine(history.records))
  writeFileSync(join(exported, 'identities.jsonl'), formatLine(history.identities))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The records that filters find in the export, oldest first, in few words. */
async function find(filters: readonly string[], surroundings: Surroundings = {}) {
  const args = ['search', exported, '--format', 'json', ...filters]
  const { code, out, err } = await runMain(args, surroundings)
  expect({ code, err: err.length }).toEqual({ code: 0, err: 1 })
  const rows = JSON.parse(out) as RecordRow[]
  return rows
    .toReversed()
    .filter(({ type }) => type.startsWith('oauth.request'))
    .map(({ method, route, status, user }) => `${user?.name ?? '-'} ${method} ${route} ${status}`)
}

const ALICE = ['alice GET /v1/orders 200', 'alice POST /v1/orders 201']
const BOB = ['bob GET /v1/patients/:id 200', 'bob GET /v1/orders 403']
const NOBODY = ['- GET /v1/orders 401']

describe('tokentrail search', () => {
  it('finds everything without a filter', async () => {
    expect(await find([])).toEqual([...ALICE, ...BOB, ...NOBODY])
  })

  it('takes a repeated filter as "or" and different ones as "and"', async () => {
    expect(await find(['--user', 'alice', '--user', 'bob'])).toEqual([...ALICE, ...BOB])
    expect(await find(['--user', 'alice', '--method', 'post'])).toEqual([ALICE[1]])
    expect(await find(['--user', 'alice', '--status', '4xx'])).toEqual([])
  })

  it('has a twin of each filter that excludes', async () => {
    expect(await find(['--status', '2xx', '--exclude-user', 'alice'])).toEqual([BOB[0]])
    expect(await find(['--exclude-status', '2xx', '--exclude-reason', 'missing'])).toEqual([BOB[1]])
    expect(await find(['--framework', 'hipaa'])).toEqual([BOB[0]])
  })

  it('bounds the time, also by how long ago', async () => {
    const now = BigInt(START + 10_000) * 1_000_000n
    const from = ['--from', '2026-11-24T10:00:01Z']
    expect(await find([...from, '--to', '2026-11-24T10:00:03Z'])).toEqual([ALICE[1], BOB[0]])
    expect(await find(['--from', '7s'], { now })).toEqual([BOB[1], NOBODY[0]])
  })

  it('finds a token that it reads from standard input, and never prints it', async () => {
    const env = { TOKENTRAIL_PSEUDONYM_KEY_FILE: history.pseudonymKeyFile }
    const input = `${TOKEN}\n`
    expect(await find(['--token', '-'], { env, input })).toEqual(ALICE)
    expect(await find(['--exclude-token', '-'], { env, input })).toEqual([...BOB, ...NOBODY])
    const ran = await runMain(['search', exported, '--token', '-'], { env, input })
    expect(JSON.stringify(ran)).not.toContain(TOKEN)
    expect(ran.err).toEqual(['3 of 3 records'])
  })

  it('finds a token by the fingerprint that it has printed', async () => {
    const args = ['search', exported, '--format=json', '--user=alice', '--limit=1']
    const [row] = JSON.parse((await runMain(args)).out) as RecordRow[]
    expect(await find(['--token', row?.token ?? ''])).toEqual(ALICE)
  })

  it('finds a user by name with the key alone, when no identity record is at hand', async () => {
    const records = join(exported, 'records.jsonl')
    const args = ['search', records, '--user', 'alice']
    const env = { TOKENTRAIL_PSEUDONYM_KEY_FILE: history.pseudonymKeyFile }
    expect((await runMain(args, { env })).err).toEqual(['3 of 3 records'])
    expect((await runMain(args)).err).toEqual(['0 of 0 records'])
  })

  it('needs no key for a search that asks for neither user nor token', async () => {
    const file = join(temporaryFolder(), 'key.json')
    writeFileSync(file, '{"kty":"oct","k":"canary"}')
    const env = { TOKENTRAIL_PSEUDONYM_KEY_FILE: file }
    expect(await find(['--status', '403'], { env })).toEqual([BOB[1]])
    const ran = await runMain(['search', exported, '--user', 'alice'], { env })
    expect(ran).toMatchObject({ code: 1, out: '' })
    expect(ran.err[0]).toContain(`The key file ${file} is not a secret JWK`)
    expect(ran.err[0]).not.toContain('canary')
  })

  it('prints a table, and how many there are on standard error', async () => {
    const { code, out, err } = await runMain(['search', exported, '--limit', '2'])
    expect(code).toBe(0)
    expect(out).toMatch(/^TIME +EVENT +USER +CLIENT +REQUEST +STATUS +RESULT +SESSION\n/)
    expect(out.trimEnd().split('\n')).toHaveLength(3)
    expect(err).toEqual([`2 of ${history.records.length} records; these are the newest`])
  })

  it('searches the viewer’s store when no export is named', async () => {
    const directory = temporaryFolder()
    mkdirSync(join(directory, 'viewer'))
    const store = openStore(join(directory, 'viewer', 'store.sqlite'))
    const texts = history.records as readonly { body: { stringValue: string }; eventName: string }[]
    store.append(texts.map(({ body, eventName }) => ({ text: body.stringValue, eventName })))
    store.close()
    const env = { TOKENTRAIL_DIR: directory }
    const { code, err } = await runMain(['search', '--status', '403'], { env })
    expect({ code, err }).toEqual({ code: 0, err: ['1 of 1 records'] })
  })
})

describe('tokentrail search over an input that it cannot read whole', () => {
  it('answers from the rest, names what it left out, and exits with 1', async () => {
    const damaged = temporaryFolder()
    cpSync(exported, damaged, { recursive: true })
    writeFileSync(join(damaged, 'other.jsonl'), '{"other":1}\n'.repeat(12))
    const { code, out, err } = await runMain(['search', damaged, '--user', 'bob'])
    expect(code).toBe(1)
    expect(out).toContain('/v1/patients/:id')
    const place = `${join(damaged, 'other.jsonl')}, line 1`
    expect(err[0]).toBe(
      `tokentrail search: ${place}: not a shape of an export that holds log records`,
    )
    expect(err.at(-2)).toBe('tokentrail search: and 2 more parts that cannot be read')
    expect(err).toHaveLength(12)
  })

  it('points out records that contradict each other', async () => {
    const forged = temporaryFolder()
    const text = JSON.stringify(history.records)
      .replaceAll('"web"', '"wob"')
      .replaceAll('\\"web\\"', '\\"wob\\"')
    cpSync(exported, forged, { recursive: true })
    writeFileSync(join(forged, 's.jsonl'), formatLine(JSON.parse(text) as object[]))
    const { code, err } = await runMain(['search', forged])
    expect(code).toBe(1)
    expect(err[0]).toMatch(/\d+ records claim the place of another and are left out; verify the/)
  })

  it('exits with 1 when there is nothing to search', async () => {
    const empty = temporaryFolder()
    const { code, err } = await runMain(['search', empty])
    expect(code).toBe(1)
    expect(err).toEqual(['tokentrail search: the input holds no records', '0 of 0 records'])
  })

  it.each([
    [[], 'there is no viewer store at /nonexistent/viewer/store.sqlite; start the viewer, '],
    [
      ['/none/of/this'],
      '/none/of/this cannot be read (ENOENT). Name a file or folder that exists.',
    ],
    [['/dev/null', '--token', '-'], '--token - needs the pseudonym key, and there is none at '],
  ])('names what is not there, for %j', async (args, message) => {
    const { code, out, err } = await runMain(['search', ...args])
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toEqual([expect.stringContaining(`tokentrail search: ${message}`)])
  })

  it('says that standard input held no token', async () => {
    const env = { TOKENTRAIL_PSEUDONYM_KEY_FILE: history.pseudonymKeyFile }
    const { code, err } = await runMain(['search', '--token', '-'], { env, input: ' \n' })
    expect({ code, err }).toEqual({
      code: 1,
      err: ['tokentrail search: --token -: standard input is empty'],
    })
  })
})

describe('tokentrail search, called wrongly,', () => {
  it.each([
    [['--status', '9xx'], '"--status" must be a status code such as 403, or a class such as 4xx'],
    [['--exclude-status', 'x'], '"--exclude-status" must be a status code such as 403'],
    [['--trace', 'zz'], '"--trace" must be 32 hex digits, not "zz"'],
    [['--event', 'Oops!'], '"--event" must be an event name such as oauth.request.rejected'],
    [['--user', ''], '"--user" must be 1 to 1024 characters, not ""'],
    [['--limit', '0'], '"--limit" must be an integer from 1 to 1000, not "0"'],
    [['--limit', '1', '--limit', '2'], '"--limit" may be given once'],
    [['--from', 'tomorrow'], '"--from" must be a date'],
    [['--from', '2h', '--to', '3h'], '"--from" must lie before "--to"'],
    [['--format', 'yaml'], '--format must be table or json, not "yaml"'],
    [['--format', '--limit', '2'], '--format needs a value'],
    [['--stats', '200'], 'unknown option --stats; did you mean --status?'],
    [['--exclude-statu', '200'], 'unknown option --exclude-statu; did you mean --exclude-status?'],
    [['--exclude-limit', '2'], 'unknown option --exclude-limit'],
    [[''], 'a path is empty; name a file or folder'],
  ])('is refused for %j, naming flag and value', async (args, message) => {
    const { code, out, err } = await runMain(['search', ...args], { now: 10n ** 18n })
    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err[0]).toContain(`tokentrail search: ${message}`)
    expect(err[1]).toBe('Try "tokentrail search --help".')
  })

  it('is refused for a token on the command line, without repeating it', async () => {
    const { code, err } = await runMain(['search', `--exclude-token=${TOKEN}`])
    expect(code).toBe(2)
    expect(err[0]).toContain('--exclude-token takes a fingerprint (22 characters), or - to read')
    expect(err.join()).not.toContain(TOKEN)
  })

  it('is refused for two flags that both want standard input', async () => {
    const env = { TOKENTRAIL_PSEUDONYM_KEY_FILE: history.pseudonymKeyFile }
    const args = ['search', exported, '--token', '-', '--exclude-token', '-']
    const { code, err } = await runMain(args, { env, input: TOKEN })
    expect(code).toBe(2)
    expect(err[0]).toContain('--exclude-token -: standard input was already read for --token')
  })
})
