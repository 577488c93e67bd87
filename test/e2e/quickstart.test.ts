import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { generateKeyPairSync } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  readRecords,
  rewriteExport,
  type EvidenceRecord,
  type WireRecord,
} from './support/export.ts'
import { filesHolding } from './support/files.ts'
import { hasCollector, runQuickstart } from './support/quickstart.ts'
import { tokentrail, type RunResult } from './support/run.ts'

// Top level, because whether a suite can run has to be known when it is collected.
const isCollectorHere = await hasCollector('test/e2e/quickstart.test.ts with a collector')

const ROUTE_FILES = ['hipaa', 'gdpr', 'soc2', 'pci'].map((name) => `${name}.jsonl`)
const MODES = [
  { collector: 'otelcol', flags: [], routeFiles: ROUTE_FILES, tracesFiles: ['traces.jsonl'] },
  { collector: 'embedded', flags: ['--embedded'], routeFiles: [], tracesFiles: [] },
] as const

interface SearchRow {
  readonly type: string
  readonly user: { readonly name: string | null } | null
  readonly client: string | null
}

const canRun = (mode: (typeof MODES)[number]) => mode.collector === 'embedded' || isCollectorHere

const base = mkdtempSync(join(tmpdir(), 'tokentrail-e2e-quickstart-'))
afterAll(() => rmSync(base, { recursive: true, force: true }))

// One folder for all: the second round finds what the first one left, and must put its own there.
const out = join(base, 'out')
const exported = join(out, 'export')
const root = join(out, 'root.jwk.json')
const logsBefore = new Set<string>()

describe.for(MODES.filter(canRun))('one round of the quick start ($collector)', (mode) => {
  const { collector, flags, routeFiles, tracesFiles } = mode
  let ended: RunResult
  let records: EvidenceRecord[]

  const verify = async (path = exported, key = root) => {
    const { code, stdout } = await tokentrail(['verify', path, '--root', key, '--json'])
    return { code, report: JSON.parse(stdout) as { verdict: string; unreadable: unknown[] } }
  }
  const search = async (...filters: string[]): Promise<SearchRow[]> => {
    const args = ['search', exported, ...filters, '--format', 'json', '--limit', '1000']
    const result = await tokentrail(args)
    expect(result).toMatchObject({ code: 0 })
    return JSON.parse(result.stdout) as SearchRow[]
  }
  /** A copy of the export to attack. */
  const copyExport = (name: string): string => {
    const copy = join(base, `${collector}-${name}`)
    cpSync(exported, copy, { recursive: true })
    return copy
  }
  const isVictim = ({ body }: WireRecord): boolean =>
    body.stringValue.includes('"type":"oauth.request"') &&
    body.stringValue.includes('"http.route":"/v1/payments"')
  /** Says something else, in the evidence and in the attributes beside it. */
  const alter = (record: WireRecord): WireRecord =>
    JSON.parse(JSON.stringify(record).replaceAll('nightly-export', 'nightly-import')) as WireRecord

  beforeAll(async () => {
    ended = await runQuickstart('--once', '--out', out, ...flags)
    records = existsSync(exported) ? await readRecords(exported) : []
  })

  it('ends well, and says in a few lines what happened', () => {
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    expect(ended.stdout).toMatch(/verdict VALID_SEALED; results in /)
    expect(ended.stdout).not.toMatch(/WARNING|ECONNREFUSED|does not accept|did not stop/)
  })

  it('sums up what the export holds', () => {
    const summary = JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8')) as {
      records: Record<string, number>
      elapsedMillis: number
    }
    expect(summary).toMatchObject({
      collector,
      collectorVersion: expect.stringMatching(/^\d+\.\d+\.\d+$/) as string,
      sessions: 5,
      verdict: 'VALID_SEALED',
    })
    expect(summary).toHaveProperty('rejections', {
      insufficient_scope: 2,
      missing: 1,
      key_not_found: 1,
      inactive: 1,
      expired: 1,
    })
    expect(summary.elapsedMillis).toBeGreaterThan(0)
    const counted: Record<string, number> = {}
    for (const { type } of records) counted[type] = (counted[type] ?? 0) + 1
    expect(summary.records).toEqual(counted)
    expect(summary.records).toMatchObject({
      'oauth.request': 11,
      'oauth.request.rejected': 6,
      'oauth.session.start': 5,
      'oauth.session.end': 5,
      // Four sign-ins, one of them refreshed, and a machine.
      'oauth.token.issued': 17,
      'oauth.token.refreshed': 3,
      'oauth.token.introspected': 1,
      'oauth.token.revoked': 1,
      'tokentrail.log.open': 3,
      'tokentrail.log.close': 3,
    })
  })

  it('leaves the export, the public root key and the summary, and nothing else', () => {
    expect(readdirSync(out).toSorted()).toEqual(['export', 'root.jwk.json', 'summary.json'])
    expect(readdirSync(exported).toSorted()).toEqual(
      ['identities.jsonl', 'records.jsonl', ...routeFiles, ...tracesFiles].toSorted(),
    )
    const key = JSON.parse(readFileSync(root, 'utf8')) as Record<string, string>
    expect(key).toMatchObject({ kty: 'OKP', crv: 'Ed25519' })
    expect(key).not.toHaveProperty('d')
  })

  it('holds logs of its own, and none of an earlier round', () => {
    const logs = new Set(records.map(({ log }) => log))
    expect(logs.size).toBe(3)
    expect(logs.isDisjointFrom(logsBefore)).toBe(true)
    for (const log of logs) logsBefore.add(log)
  })

  it('attributes a forged token to nobody', () => {
    const [forged, ...more] = records.filter(
      ({ attributes }) => attributes['oauth.rejection.reason'] === 'key_not_found',
    )
    expect(more).toEqual([])
    expect(forged).not.toHaveProperty('session')
    const { attributes = {} } = forged ?? {}
    expect(attributes).toMatchObject({ 'oauth.decision': 'deny', 'http.response.status_code': 401 })
    for (const name of [
      'user.hash',
      'oauth.client.id',
      'oauth.token.subject',
      'oauth.token.scopes',
    ])
      expect(attributes).not.toHaveProperty([name])
    const fingerprint = attributes['oauth.token.fingerprint']
    const observed = records.filter(
      (record) =>
        record.type === 'oauth.token.observed' &&
        record.attributes['oauth.token.fingerprint'] === fingerprint,
    )
    for (const record of observed) {
      expect(record).not.toHaveProperty('session')
      expect(record.attributes).not.toHaveProperty(['user.hash'])
      expect(record.attributes).not.toHaveProperty(['oauth.client.id'])
      expect(record.attributes).not.toHaveProperty(['oauth.token.id'])
    }
    for (const claim of ['forged-session', 'forged-token']) {
      expect(filesHolding(out, claim)).toEqual([])
    }
  })

  it.each(['alice', 'bob', 'carol', 'dave'])('finds %s by name', async (name) => {
    const found = await search('--user', name)
    expect(new Set(found.map(({ user }) => user?.name))).toEqual(new Set([name]))
    expect(found.map(({ type }) => type)).toContain('oauth.request')
  })

  it('knows a machine client without making it a user', async () => {
    const found = await search('--client', 'nightly-export', '--event', 'oauth.request')
    expect(found).toHaveLength(2)
    for (const { user } of found) expect(user).toBeNull()
  })

  it('records scopes, and the frameworks that the policy gives a route', () => {
    const requests = records.filter(({ type }) => type.startsWith('oauth.request'))
    const frameworksOf = (route: string) => {
      const found = requests.filter(({ attributes }) => attributes['http.route'] === route)
      expect(found).not.toEqual([])
      return new Set(found.map(({ attributes }) => String(attributes['compliance.framework'])))
    }
    expect(frameworksOf('/v1/patients/:id/chart')).toEqual(new Set(['gdpr,hipaa']))
    expect(frameworksOf('/v1/payments')).toEqual(new Set(['pci,soc2']))
    expect(frameworksOf('/v1/orders/:id')).toEqual(new Set(['soc2']))
    expect(frameworksOf('/v1/reports/:name')).toEqual(new Set(['undefined']))
    const refused = requests.find(
      ({ attributes }) =>
        attributes['oauth.rejection.reason'] === 'insufficient_scope' &&
        attributes['http.route'] === '/v1/payments',
    )
    expect(refused?.attributes).toMatchObject({
      'oauth.token.scopes': ['orders:read', 'health:read'],
      'oauth.required_scopes': ['payments:read'],
      'oauth.missing_scopes': ['payments:read'],
    })
  })

  it('keeps one session across a refresh, with a start and an end', () => {
    const bySession = new Map<string, EvidenceRecord[]>()
    for (const record of records) {
      if (record.session === undefined) continue
      bySession.set(record.session, [...(bySession.get(record.session) ?? []), record])
    }
    expect(bySession.size).toBe(5)
    for (const session of bySession.values()) {
      const types = session.map(({ type }) => type)
      expect(types.filter((type) => type === 'oauth.session.start')).toHaveLength(1)
      expect(types.filter((type) => type === 'oauth.session.end')).toHaveLength(1)
    }
    const tokensOf = (client: string) =>
      [...bySession.values()]
        .filter((session) => session[0]?.attributes['oauth.client.id'] === client)
        .map((session) => session.filter(({ type }) => type === 'oauth.request').map(fingerprintOf))
    const fingerprintOf = ({ attributes }: EvidenceRecord) => attributes['oauth.token.fingerprint']
    const [alice, ...others] = tokensOf('orders-web')
    expect(others).toEqual([])
    expect(new Set(alice).size).toBe(2)
  })

  it.each(tracesFiles)('puts the session on the spans of its requests, in %s', (file) => {
    interface Span {
      readonly traceId: string
      readonly spanId: string
      readonly attributes: { key: string; value: { stringValue?: string } }[]
    }
    interface TracesData {
      readonly resourceSpans: { scopeSpans: { spans: Span[] }[] }[]
    }
    const spans = readFileSync(join(exported, file), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .flatMap((line) => (JSON.parse(line) as TracesData).resourceSpans)
      .flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans))
    const attributeOf = (span: Span, name: string) =>
      span.attributes.find(({ key }) => key === name)?.value.stringValue
    const requests = records.filter(({ type }) => type.startsWith('oauth.request'))
    expect(requests).toHaveLength(17)
    for (const { trace, span: spanId, attributes, ...record } of requests) {
      const span = spans.find((one) => one.traceId === trace && one.spanId === spanId)
      if (span === undefined) throw new Error(`no span for ${JSON.stringify(record)}`)
      expect(attributeOf(span, 'oauth.decision')).toBe(attributes['oauth.decision'])
      expect(attributeOf(span, 'oauth.rejection.reason')).toBe(attributes['oauth.rejection.reason'])
      expect(attributeOf(span, 'oauth.session.id')).toBe(record.session)
    }
  })

  it.each(routeFiles)('verifies %s alone', async (file) => {
    expect((await verify(join(exported, file))).code).toBe(0)
  })

  it('verifies as it is', async () => {
    const { code, report } = await verify()
    expect(report).toMatchObject({ verdict: 'VALID_SEALED', unreadable: [] })
    expect(code).toBe(0)
  })

  it('is ALTERED (21) with a record altered in every copy', async () => {
    const copy = copyExport('altered')
    rewriteExport(copy, (record) => [isVictim(record) ? alter(record) : record])
    expect((await verify(copy)).code).toBe(21)
  })

  it('is FORGED_DUP (22) with a record altered in one copy only', async () => {
    const copy = copyExport('forged')
    let isFirst = true
    rewriteExport(copy, (record) => {
      if (!isVictim(record) || !isFirst) return [record]
      isFirst = false
      return collector === 'otelcol' ? [alter(record)] : [record, alter(record)]
    })
    expect(isFirst).toBe(false)
    expect((await verify(copy)).code).toBe(22)
  })

  it('is MISSING (20) with a record deleted', async () => {
    const copy = copyExport('deleted')
    rewriteExport(copy, (record) => (isVictim(record) ? [] : [record]))
    expect((await verify(copy)).code).toBe(20)
  })

  it('is MISSING or UNSEALED_END, never valid, with the tail of every file cut off', async () => {
    const copy = copyExport('cut')
    for (const name of readdirSync(copy)) {
      const file = join(copy, name)
      truncateSync(file, statSync(file).size - 3_000)
    }
    const { code, report } = await verify(copy)
    expect([10, 20]).toContain(code)
    expect(report.unreadable).not.toEqual([])
  })

  it('is UNKNOWN_KEY (27) under another root key', async () => {
    const { publicKey } = generateKeyPairSync('ed25519')
    const other = join(base, 'other.jwk.json')
    writeFileSync(other, JSON.stringify(publicKey.export({ format: 'jwk' })))
    expect((await verify(exported, other)).code).toBe(27)
  })

  it('is not taken for wholly read (1) with a line that is no record behind it', async () => {
    const copy = copyExport('garbage')
    appendFileSync(join(copy, 'records.jsonl'), '{"resourceLogs":[{"scope\n')
    const { code, report } = await verify(copy)
    expect(report.verdict).toBe('VALID_SEALED')
    expect(report.unreadable).toHaveLength(1)
    expect(code).toBe(1)
  })
})

describe('the command line of the quick start', () => {
  it.each([
    ['export/kept.jsonl', 'export'],
    ['summary.json', 'summary.json'],
    ['notes.txt', 'notes.txt'],
  ])('refuses a folder that holds a foreign %s, and leaves it alone', async (file, named) => {
    const out = mkdtempSync(join(base, 'out-'))
    mkdirSync(join(out, file, '..'), { recursive: true })
    writeFileSync(join(out, file), '{"kept":true}')
    const { code, stderr } = await runQuickstart('--once', '--embedded', '--out', out)
    expect(code).toBe(2)
    expect(stderr).toContain(`holds "${named}"`)
    expect(readFileSync(join(out, file), 'utf8')).toBe('{"kept":true}')
  })

  it('refuses a file in place of the folder', async () => {
    const out = join(base, 'file')
    writeFileSync(out, '')
    const { code, stderr } = await runQuickstart('--once', '--embedded', '--out', out)
    expect(code).toBe(2)
    expect(stderr).toContain(`--out ${out} cannot be used as a folder`)
  })

  it.each([
    [['--once'], '--once needs --out DIR'],
    [['--out', 'x'], '--out goes with --once'],
    [['--once', '--out', 'x', '--dir', 'y'], '--dir is for the live quick start'],
    [['--api-port', '70000'], '--api-port must be a port from 0 to 65535'],
    [['--api-port', 'http'], '--api-port must be a port from 0 to 65535'],
    [['--onze'], "Unknown option '--onze'"],
  ])('refuses %j and says what is wrong', async (args, message) => {
    const { code, stderr } = await runQuickstart(...args)
    expect(code).toBe(2)
    expect(stderr).toContain(message)
    expect(stderr).toContain('npm start -- --help')
  })
})
