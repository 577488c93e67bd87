import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from '@tokentrail/viewer'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { formatLine, recordHistory, START, type History } from '../support/export.ts'
import { temporaryFolder } from '../support/folder.ts'
import { runMain, type Ran } from '../support/run.ts'

const recorded = mkdtempSync(join(tmpdir(), 'tokentrail-cli-'))
let history: History
beforeAll(async () => {
  history = await recordHistory(recorded)
})
afterAll(() => rmSync(recorded, { recursive: true, force: true }))

const ISSUER = 'https://as.example.com'
const NOW = BigInt(START + 60_000) * 1_000_000n

interface LogRecord {
  readonly body: { readonly stringValue: string }
}
const textsOf = (records: readonly object[]): string[] =>
  records.map((record) => (record as LogRecord).body.stringValue)

/** A data directory with journal, keys, viewer's store, and an export beside it. */
function copyHistory(): { directory: string; exported: string } {
  const directory = temporaryFolder()
  cpSync(recorded, directory, { recursive: true })
  const store = openStore(join(directory, 'store.sqlite'))
  store.append(textsOf([...history.identities, ...history.records]).map((text) => ({ text })))
  store.close()
  const exported = join(temporaryFolder(), 'export.jsonl')
  writeFileSync(exported, formatLine([...history.identities, ...history.records]))
  return { directory, exported }
}

function run(
  directory: string,
  args: readonly string[],
  { env = {}, input }: { env?: Readonly<Record<string, string>>; input?: string } = {},
): Promise<Ran> {
  return runMain(args, {
    now: NOW,
    ...(input !== undefined && { input }),
    env: {
      TOKENTRAIL_DIR: directory,
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
      ...env,
    },
  })
}

/** Every byte below a folder but those of the keys. */
function bytesBelow(folder: string): string {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.endsWith('keys'))
    .filter((entry) => !entry.name.endsWith('-shm'))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'))
    .filter((content) => content !== '')
    .join('\n')
}

const ALICE = ['--user', 'alice', '--issuer', ISSUER]

describe('tokentrail erase', () => {
  it('leaves no clear value in journal, store and export, records it, and every proof holds', async () => {
    const { directory, exported } = copyHistory()
    expect(bytesBelow(directory)).toContain('"alice')
    const log = join(temporaryFolder(), 'erasure.jsonl')
    const args = ['erase', ...ALICE, directory, exported, '--rewrite', '--record', log]
    const ran = await run(directory, args)
    expect(ran.err).toEqual([])
    expect(ran.out).toContain('Recorded in the log tokentrail-erase/')
    expect(ran.out).toContain('not delivered yet')
    expect(ran.code).toBe(0)
    for (const text of [bytesBelow(directory), readFileSync(exported, 'latin1')]) {
      expect(text).not.toMatch(/alice/)
      expect(text).toContain('bob')
    }
    const verified = await run(directory, [
      'verify',
      exported,
      log,
      '--root',
      history.rootFile,
      '--json',
    ])
    expect(verified.code).toBe(0)
    const report = JSON.parse(verified.out) as {
      readonly verdict: string
      readonly erasures: readonly { readonly reason: string; readonly pseudonyms: string[] }[]
    }
    expect(report.verdict).toBe('VALID_SEALED')
    expect(report.erasures).toMatchObject([{ reason: 'subject_request' }])
    expect(readFileSync(log, 'utf8')).not.toContain('alice')
    expect(ran.out).toContain('Splunk')
    expect(ran.out).toContain('Object Lock')
  })

  it('records the kind of a pseudonym that was named, whatever it is', async () => {
    const { directory } = copyHistory()
    const found = textsOf(history.identities).map(
      (text) => (JSON.parse(text) as { readonly attributes: Record<string, string> }).attributes,
    )
    const address = found.find((one) => one['tokentrail.identity.kind'] === 'address')
    const pseudonym = address?.['tokentrail.identity.pseudonym'] ?? ''
    const ran = await run(directory, ['erase', '--pseudonym', pseudonym, '--json'])
    expect(JSON.parse(ran.out)).toMatchObject({ kinds: ['address'], pseudonyms: [pseudonym] })
  })

  it('keeps what others have used, unless told', async () => {
    const { directory } = copyHistory()
    // Both came from 192.0.2.7.
    const kept = await run(directory, ['erase', ...ALICE])
    expect(kept.out).toContain('because others used them too')
    expect(bytesBelow(directory)).toContain('192.0.2.7')
    await run(directory, ['erase', ...ALICE, '--shared'])
    expect(bytesBelow(directory)).not.toContain('192.0.2.7')
  })

  it('changes nothing on a dry run, and says what it would', async () => {
    const { directory, exported } = copyHistory()
    const before = bytesBelow(directory)
    const ran = await run(directory, ['erase', ...ALICE, directory, exported, '--dry-run'])
    expect(ran.out).toMatch(/would be erased/)
    expect(ran.code).toBe(0)
    expect(bytesBelow(directory) === before).toBe(true)
  })

  it('does not write an export anew unless told, and says what is left', async () => {
    const { directory, exported } = copyHistory()
    const before = readFileSync(exported)
    const ran = await run(directory, ['erase', ...ALICE, exported])
    expect(ran.code).toBe(1)
    expect(ran.out).toMatch(/NOT ERASED .*--rewrite/)
    expect(readFileSync(exported)).toEqual(before)
  })

  it('takes the value from standard input, and finds nothing of another issuer', async () => {
    const { directory } = copyHistory()
    const args = ['erase', '--user', '-', '--issuer', 'https://other.example.com']
    const ran = await run(directory, args, { input: 'alice\n' })
    expect(ran.code).toBe(0)
    expect(ran.out).toContain('0 identity records')
    expect(bytesBelow(directory)).toContain('alice')
  })

  it('finds the pseudonyms of older epochs', async () => {
    const { directory } = copyHistory()
    const made = join(temporaryFolder(), 'keys')
    await run(directory, ['keys', 'init', made, '--name', 'x'])
    cpSync(join(directory, 'keys', 'pseudonym.jwk.json'), join(made, 'pseudonym.jwk.json'))
    await run(directory, ['keys', 'rotate', made, 'pseudonym'])
    const env = {
      TOKENTRAIL_PSEUDONYM_KEY_FILE: join(made, 'pseudonym.jwk.json'),
      TOKENTRAIL_ERASURE_KEY_FILE: join(made, 'erasure.jwk.json'),
    }
    const ran = await run(directory, ['erase', ...ALICE], { env })
    expect(ran.err).toEqual([])
    expect(bytesBelow(directory)).not.toMatch(/alice/)
  })

  it('erases nothing when it could not be recorded', async () => {
    const { directory } = copyHistory()
    rmSync(join(directory, 'keys', 'signing.jwk.json'))
    const ran = await run(directory, ['erase', ...ALICE])
    expect(ran).toMatchObject({ code: 1 })
    expect(ran.err.join()).toContain('tokentrail keys init')
    expect(bytesBelow(directory)).toContain('alice')
  })

  it('deletes by query, with the credentials of the environment, and shows none', async () => {
    const { directory } = copyHistory()
    const seen: { url?: string; authorization?: string; body: string }[] = []
    let status = 200
    const server = createServer((request, response) => {
      let body = ''
      request.on('data', (part: Buffer) => (body += part.toString()))
      request.on('end', () => {
        const { authorization } = request.headers
        seen.push({ url: request.url ?? '', authorization: authorization ?? '', body })
        response.writeHead(status, { 'content-type': 'application/json' })
        response.end('{"deleted":3,"failures":[]}')
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const env = { TOKENTRAIL_ELASTICSEARCH_AUTHORIZATION: 'ApiKey canary-secret' }
    const args = ['erase', ...ALICE, '--elasticsearch', url]
    const ran = await run(directory, args, { env })
    expect(ran.out).toMatch(/Elasticsearch \*tokentrail\* +3 +deleted by query/)
    expect(seen).toHaveLength(1)
    expect(seen[0]?.url).toMatch(/^\/\*tokentrail\*\/_delete_by_query\?/)
    expect(seen[0]?.authorization).toBe('ApiKey canary-secret')
    const shown = await run(directory, ['erase', ...ALICE, '--elasticsearch-query'])
    const query = JSON.parse(shown.out) as { query: { bool: { should: { terms: object }[] } } }
    const [pseudonyms] = Object.values(query.query.bool.should[0]?.terms ?? {}) as string[][]
    expect(seen[0]?.body).toContain(pseudonyms?.[0])
    expect(seen[0]?.body).not.toContain('alice')
    status = 403
    const refused = await run(directory, args, { env })
    expect(refused.code).toBe(1)
    expect(refused.out).toContain('answered with 403')
    expect(ran.out + refused.out).not.toContain('canary-secret')
  })

  it.each([
    [[], 'name the subject'],
    [['--user', 'alice'], '--issuer'],
    [['--user', 'a', '--issuer', 'b', '--pseudonym', 'c'], 'name the subject'],
    [['--pseudonym', 'short'], '22 characters'],
    [[...ALICE, '--reason', 'Because Alice'], '--reason'],
    [[...ALICE, '--elasticsearch', 'http://u:p@host'], 'without user'],
  ])('refuses %j', async (args, named) => {
    const ran = await run(recorded, ['erase', ...args])
    expect(ran.code).toBe(2)
    expect(ran.err.join('\n')).toContain(named)
  })
})

describe('tokentrail export', () => {
  it('writes the records and identities of one subject, each once', async () => {
    const { directory, exported } = copyHistory()
    const ran = await run(directory, ['export', ...ALICE, directory, exported])
    expect(ran.err).toEqual([])
    expect(ran.code).toBe(0)
    const lines = ran.out.trim().split('\n')
    expect(new Set(lines).size).toBe(lines.length)
    const types = lines.map((line) => (JSON.parse(line) as { type: string }).type)
    expect(types.filter((type) => type === 'oauth.request')).toHaveLength(2)
    expect(types).toContain('oauth.token.observed')
    expect(ran.out).toContain('"tokentrail.identity.value":"alice"')
    expect(ran.out).toContain('"tokentrail.identity.value":"192.0.2.7"')
    expect(ran.out).not.toContain('bob')
  })

  it('says that nothing is held', async () => {
    const { directory } = copyHistory()
    const ran = await run(directory, ['export', '--pseudonym', 'A'.repeat(22)])
    expect(ran).toMatchObject({ code: 1, out: '' })
    expect(ran.err.join()).toContain('nothing is held')
    expect((await run(directory, ['export', ...ALICE, '/nonexistent'])).code).toBe(1)
  })
})
