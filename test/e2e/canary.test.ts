import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { forgeToken } from '../../examples/traffic/src/forge.ts'
import {
  discoverParties,
  ORDERS_RESOURCE,
  REPORTS_RESOURCE,
} from '../../examples/traffic/src/parties.ts'
import { signIn } from '../../examples/traffic/src/sign-in.ts'
import { findCollector } from '../../packages/cli/src/collector/find-collector.ts'
import {
  startCollector,
  type RunningCollector,
} from '../../packages/cli/src/collector/run-collector.ts'
import { readRecords } from './support/export.ts'
import { filesHolding } from './support/files.ts'
import {
  makeSecrets,
  startAuthorizationServer,
  startOrdersApi,
  type Service,
} from './support/oauth-parties.ts'
import { startProgram, type Program } from './support/program.ts'
import { ROOT, tokentrail, type RunResult } from './support/run.ts'
import { issueTellingToken, misuseRequests } from './support/misuse.ts'
import { findSecrets, findSecretsBelow, plant, type Secret } from './support/secret-search.ts'
import { bearer, send } from './support/send.ts'
import { startTestIssuer, type TestIssuer } from './support/test-issuer.ts'
import { until } from './support/until.ts'

// Top level, because how the suite runs has to be known when it is collected.
const found = await findCollector({ root: ROOT })
if (found.status === 'missing') console.log(`canary.test.ts runs without one: ${found.reason}`)

const CLI = join(ROOT, 'packages', 'cli', 'bin', 'tokentrail.js')
const KIOSK_TTL_MILLIS = 2_000

describe('secrets that the traffic carries', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tokentrail-e2e-canary-'))
  const dir = join(folder, 'data')
  const exported = join(folder, 'export')
  const secrets: Secret[] = []
  const collectorLines: string[] = []
  const programs = new Map<string, Program>()
  const answers = new Map<string, string>()
  let collector: RunningCollector | undefined
  let issuer: TestIssuer

  /** Makes a secret known to the search. */
  const keep = (name: string, value: string): string => {
    secrets.push({ name, value })
    return value
  }

  const startParties = async () => {
    const keys = makeSecrets()
    keep('the sign-in password', keys.password)
    keep("the API's client secret", keys.ordersApi)
    keep("the machine client's secret", keys.nightlyExport)
    mkdirSync(exported, { recursive: true })
    const viewer = startProgram([CLI, 'viewer', '--port', '0'], {
      cwd: folder,
      env: { TOKENTRAIL_DIR: dir },
    })
    programs.set('the viewer', viewer)
    const [, viewerUrl = ''] = await viewer.prints(/^viewer: (http:\S+)$/m)
    if (found.status === 'found') {
      collector = await startCollector({
        path: found.path,
        configPaths: [join(ROOT, 'otel-collector-config.yaml')],
        otlpEndpoint: '127.0.0.1:0',
        viewerEndpoint: viewerUrl,
        exportFolder: exported,
        queueFolder: join(folder, 'queue'),
        onLine: (line) => collectorLines.push(line),
      })
    }
    const authorizationServer = await startAuthorizationServer(keys)
    programs.set('the authorization server', authorizationServer)
    issuer = await startTestIssuer()
    const startApi = async (name: string, from: string, isTraced = false): Promise<Service> => {
      const env = {
        OTEL_SERVICE_NAME: name,
        OTEL_EXPORTER_OTLP_ENDPOINT: collector?.otlpUrl ?? viewerUrl,
        OTEL_EXPORTER_OTLP_HEADERS: `x-api-key=${keep(`the OTLP header of ${name}`, plant())}`,
        OTEL_METRICS_EXPORTER: 'none',
        OTEL_LOGS_EXPORTER: 'none',
        TOKENTRAIL_DIR: dir,
        TOKENTRAIL_SLOT: 'canary',
      }
      const api = await startOrdersApi(keys, from, env, isTraced)
      programs.set(name, api)
      return api
    }
    // Not the other one: ordinary tracing keeps paths, and some get a secret in their path there.
    const api = await startApi('orders-api', authorizationServer.url, collector !== undefined)
    const oddApi = await startApi('odd-api', issuer.url)
    return { keys, viewerUrl, authorizationServer, api, oddApi }
  }

  /** Real flows: whatever the authorization server hands out is a secret. */
  const playFlows = async ({ keys, authorizationServer, api }: Parties): Promise<void> => {
    const { password, nightlyExport: nightlyExportSecret } = keys
    const parties = await discoverParties({
      issuer: authorizationServer.url,
      api: api.url,
      password,
      nightlyExportSecret,
    })
    const enter = async (
      name: string,
      config: Parameters<typeof signIn>[0],
      user: string,
      scope: string,
      resource = ORDERS_RESOURCE,
    ) => {
      const tokens = await signIn(config, { user, password, resource, scope })
      keep(`the access token of ${name}`, tokens.access_token)
      keep(`the refresh token of ${name}`, tokens.refresh_token ?? plant())
      keep(`the ID token of ${name}`, tokens.id_token ?? plant())
      return tokens
    }
    const post = (path: string, form: Record<string, string>) =>
      fetch(new URL(path, authorizationServer.url), {
        method: 'POST',
        body: new URLSearchParams(form),
      })
    const web = await enter('orders-web', parties.ordersWeb, 'alice', 'orders:read')
    expect(await send(api.url, { headers: bearer(web.access_token) })).toBe(200)
    const answer = await post('/token', {
      grant_type: 'refresh_token',
      refresh_token: web.refresh_token ?? '',
      client_id: 'orders-web',
      resource: ORDERS_RESOURCE,
    })
    const refreshed = (await answer.json()) as { access_token: string; refresh_token: string }
    keep('the access token after refresh', refreshed.access_token)
    keep('the rotated refresh token', refreshed.refresh_token)
    expect(await send(api.url, { headers: bearer(refreshed.access_token) })).toBe(200)
    // A refresh token and an ID token where an access token belongs.
    for (const token of [refreshed.refresh_token, web.id_token]) {
      expect(await send(api.url, { headers: bearer(token ?? '') })).toBe(401)
    }

    const kiosk = await enter('kiosk', parties.kiosk, 'carol', 'orders:read')
    await until(
      'the token to expire',
      async () => {
        const status = await send(api.url, { headers: bearer(kiosk.access_token) })
        return status === 401 || undefined
      },
      10 * KIOSK_TTL_MILLIS,
    )

    const reports = { path: '/v1/reports/weekly' }
    const opaque = await enter(
      'reports-app',
      parties.reportsApp,
      'dave',
      'reports:read',
      REPORTS_RESOURCE,
    )
    const asReader = { ...reports, headers: bearer(opaque.access_token) }
    expect(await send(api.url, asReader)).toBe(200)
    await post('/token/revocation', { token: opaque.access_token, client_id: 'reports-app' })
    expect(await send(api.url, asReader)).toBe(401)

    const forged = await forgeToken(authorizationServer.url, ORDERS_RESOURCE, 'alice')
    expect(await send(api.url, { headers: bearer(keep('the forged token', forged)) })).toBe(401)
  }

  /** Everything that a client may put where it does not belong. */
  const playMisuse = async ({ api, oddApi }: Parties): Promise<void> => {
    const good = await issueTellingToken(issuer, keep)
    for (const sent of await misuseRequests(issuer, good, keep)) {
      expect(await send(oddApi.url, sent)).toBeLessThan(500)
    }
    // Some servers give an opaque token's own value as its `jti`.
    const opaque = keep('an opaque token that is its own jti', plant())
    issuer.introspection = {
      jti: opaque,
      sub: 'frank',
      client_id: 'reports-app',
      scope: 'reports:read',
      username: 'frank',
      email: keep('an e-mail address from introspection', `${plant()}@example.com`),
    }
    const read = { path: '/v1/reports/weekly', headers: bearer(opaque) }
    expect(await send(oddApi.url, read)).toBe(200)
    expect(await send(api.url, read)).toBe(401)
  }

  /** Asks the viewer everything that it can be asked. */
  const askViewer = async (viewerUrl: string): Promise<void> => {
    const ask = async (path: string): Promise<string> => {
      const response = await fetch(new URL(path, viewerUrl))
      const answer = await response.text()
      answers.set(`the viewer's answer to ${path}`, answer)
      return answer
    }
    for (const path of ['/', '/api/status', '/api/logs']) await ask(path)
    const { records } = JSON.parse(await ask('/api/records?limit=1000')) as {
      records: { uid: string }[]
    }
    for (const { uid } of records) await ask(`/api/records/${encodeURIComponent(uid)}`)
    const { sessions } = JSON.parse(await ask('/api/sessions')) as { sessions: { id: string }[] }
    for (const { id } of sessions) await ask(`/api/sessions/${encodeURIComponent(id)}`)
  }

  type Parties = Awaited<ReturnType<typeof startParties>>

  beforeAll(async () => {
    const parties = await startParties()
    await playFlows(parties)
    await playMisuse(parties)
    for (const name of ['orders-api', 'odd-api']) await programs.get(name)?.end('SIGTERM')
    await until('the viewer to have both logs to their ends', async () => {
      const response = await fetch(new URL('/api/logs', parties.viewerUrl))
      const { logs } = (await response.json()) as { logs: { state: string }[] }
      return logs.filter(({ state }) => state === 'sealed').length === 2 || undefined
    })
    await askViewer(parties.viewerUrl)
    for (const program of programs.values()) await program.end('SIGTERM')
    await collector?.stop()
  })
  afterAll(async () => {
    collector?.kill()
    for (const program of programs.values()) await program.end('SIGKILL')
    await issuer.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('were there to be found, and the search finds what is there', () => {
    expect(secrets.length).toBeGreaterThan(45)
    const known: Secret[] = [{ name: 'a client', value: 'orders-web' }]
    expect(findSecretsBelow(known, join(dir, 'journal'))).not.toEqual([])
    for (const place of ['/api/sessions', '/api/records?limit=1000']) {
      expect(
        findSecrets(known, answers.get(`the viewer's answer to ${place}`) ?? '', place),
      ).toEqual([`a client in ${place}`])
    }
  })

  it('stand in no file: journal, keys, store, queue, export; nor in their names', () => {
    expect(findSecretsBelow(secrets, folder)).toEqual([])
  })

  it('stand in nothing that any process printed', () => {
    const outputs = [...programs].flatMap(([name, program]) =>
      findSecrets(secrets, program.output(), `the output of ${name}`),
    )
    expect(outputs).toEqual([])
    expect(findSecrets(secrets, collectorLines.join('\n'), 'the output of the collector')).toEqual(
      [],
    )
  })

  it('stand in no answer of the viewer', () => {
    expect(answers.size).toBeGreaterThan(40)
    const hits = [...answers].flatMap(([place, answer]) => findSecrets(secrets, answer, place))
    expect(hits).toEqual([])
  })

  it.runIf(found.status === 'found')(
    'leave a record each, without an id that is the token',
    async () => {
      const records = await readRecords(exported)
      expect(records.filter(({ type }) => type.startsWith('oauth.request')).length).toBeGreaterThan(
        35,
      )
      const opaque = records.filter(
        ({ type, attributes }) =>
          type === 'oauth.token.observed' && attributes['oauth.token.format'] === 'opaque',
      )
      expect(opaque.length).toBeGreaterThanOrEqual(2)
      for (const { attributes } of opaque) expect(attributes).not.toHaveProperty(['oauth.token.id'])
      expect(filesHolding(exported, '"oauth.session.id"')).toContain(join(exported, 'traces.jsonl'))
    },
  )

  it('are not shown by the doctor, nor by a search for them', async () => {
    const env = {
      TOKENTRAIL_DIR: dir,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://user:${keep('a password in an endpoint', plant())}@127.0.0.1:9`,
      OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer ${keep('a token in a header', plant())}`,
      ORDERS_API_CLIENT_SECRET: keep("the application's secret", plant()),
    }
    const application = [process.execPath, '-e', 'setTimeout(() => {}, 100)']
    const token = secrets.find(({ name }) => name.includes('orders-web'))?.value ?? ''
    const results: readonly (readonly [string, RunResult])[] = [
      ['doctor', await tokentrail(['doctor', '--', ...application], { env, cwd: folder })],
      [
        'doctor --json',
        await tokentrail(['doctor', '--json', '--', ...application], { env, cwd: folder }),
      ],
      [
        'search --token -',
        await tokentrail(['search', '--token', '-'], { env, cwd: folder, input: token }),
      ],
      ['search --token', await tokentrail(['search', '--token', token], { env, cwd: folder })],
    ]
    expect(results.map(([, { code }]) => code).slice(2)).toEqual([0, 2])
    expect(results[2]?.[1].stdout).toContain('oauth.request')
    const hits = results.flatMap(([name, { stdout, stderr }]) =>
      findSecrets(secrets, stdout + stderr, name),
    )
    expect(hits).toEqual([])
  })

  it('never included a claim of the forged token', () => {
    for (const claim of ['forged-session', 'forged-token']) {
      expect(filesHolding(folder, claim)).toEqual([])
    }
  })
})
