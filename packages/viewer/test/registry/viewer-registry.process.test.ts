import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import {
  loadOrCreateKeys,
  openLog,
  resolveExporterOptions,
  type RecordLog,
} from '@tokentrail/exporter'
import { verifyLogs, type VerifyOptions } from '@tokentrail/ledger'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readStoreTexts } from '../../src/store/erase.ts'
import { startViewer, type Viewer } from '../../src/viewer.ts'
import type { RegistryConfiguration } from '../../src/registry/start-registry.ts'
import { makeKeys, ORDERS, ORIGIN, temporaryFolder, type TestKeys } from './support.ts'

const TOKEN = 'canary-instance-token'

interface Deployment {
  readonly folder: string
  readonly keys: TestKeys
  readonly viewer: Viewer
  readonly faults: string[]
}

/** Keys whose certificates are in force now. */
function makeCurrentKeys(folder: string): TestKeys {
  return makeKeys(folder, Date.now())
}

async function deploy(
  more: Partial<RegistryConfiguration> = {},
  folder = temporaryFolder(),
  keys = makeCurrentKeys(folder),
): Promise<Deployment> {
  const faults: string[] = []
  const viewer = await startViewer({
    directory: join(folder, 'viewer'),
    keysDirectory: join(folder, 'keys'),
    port: 0,
    roots: [keys.root.publicJwk],
    onFault: (message) => faults.push(message),
    registry: {
      path: join(folder, 'registry', 'registry.sqlite'),
      key: keys.key,
      issuer: keys.issuer,
      rules: [{ subject: ORDERS.subject, services: ['orders'], slots: ['orders-*'] }],
      identify: ({ headers }) =>
        Promise.resolve(headers.authorization === `Bearer ${TOKEN}` ? ORDERS : undefined),
      listener: { port: 0 },
      ...more,
    },
  })
  onTestFinished(() => viewer.close())
  return { folder, keys, viewer, faults }
}

function openService(folder: string, endpoint: string, registryUrl: string, slot = 'orders-1') {
  const registryTokenFile = join(folder, 'token')
  writeFileSync(registryTokenFile, `${TOKEN}\n`)
  const settings = resolveExporterOptions(
    {
      directory: join(folder, slot),
      slot,
      resource: { 'service.name': 'orders' },
      endpoint,
      batchDelayMillis: 0,
      minBackoffMillis: 5,
      maxBackoffMillis: 50,
      registryUrl,
      registryTokenFile,
    },
    {},
  )
  const health: string[] = []
  const keys = loadOrCreateKeys(settings)
  const log: RecordLog = openLog({
    settings,
    keys,
    recorderVersion: '0',
    onHealth: ({ message }) => health.push(message),
  })
  onTestFinished(async () => void (await log.shutdown(0)))
  return { log, health, root: keys.signing.publicJwk }
}

const SERVICE = fileURLToPath(new URL('../fixtures/registered-service.ts', import.meta.url))

const DYING_SERVICE = fileURLToPath(new URL('../fixtures/dying-service.ts', import.meta.url))

interface Ran {
  readonly origin: string
  readonly health: readonly string[]
  readonly delivered: boolean
}

interface ServiceOptions {
  readonly viewer: Viewer
  readonly endpoint?: string
  readonly slot?: string
}

/** Runs a service once, in a process of its own. */
async function runService(folder: string, options: ServiceOptions): Promise<Ran> {
  const { out } = await runProgram(SERVICE, folder, options)
  return JSON.parse(out) as Ran
}

async function runProgram(
  program: string,
  folder: string,
  { viewer, endpoint = viewer.url, slot = 'orders-1' }: ServiceOptions,
): Promise<{ readonly out: string; readonly signal: unknown }> {
  writeFileSync(join(folder, 'token'), `${TOKEN}\n`)
  const child = spawn(process.execPath, ['--conditions=@tokentrail/source', program], {
    env: {
      PATH: process.env['PATH'],
      TOKENTRAIL_DIR: join(folder, slot),
      TOKENTRAIL_SLOT: slot,
      TOKENTRAIL_REGISTRY_URL: viewer.registry?.url,
      TOKENTRAIL_REGISTRY_TOKEN_FILE: join(folder, 'token'),
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let out = ''
  child.stdout.on('data', (part: Buffer) => (out += part.toString()))
  const [, signal] = (await once(child, 'close')) as [unknown, unknown]
  return { out, signal }
}

const append = (log: RecordLog): void =>
  log.append({
    type: 'oauth.request',
    time: String(BigInt(Date.now()) * 1_000_000n),
    attributes: { 'oauth.decision': 'allow' },
  })

/** Verifies everything that the viewer's store holds of services and registry. */
async function verify(
  { folder, keys }: Deployment,
  { roots = [], ...options }: Partial<VerifyOptions> = {},
) {
  const texts = [...readStoreTexts(join(folder, 'viewer', 'store.sqlite'))]
    .filter(({ kind, text }) => kind === 'record' && !text.includes('"log":"tokentrail-viewer/'))
    .map(({ text }) => ({ body: text }))
  return verifyLogs(texts, { roots: [keys.root.publicJwk, ...roots], ...options })
}

describe('a deployment with a registry', () => {
  it('certifies logs before record 0, keeps their heads, and verifies under one root', async () => {
    const deployment = await deploy()
    const { viewer, folder } = deployment
    const { origin, health, delivered } = await runService(folder, deployment)
    expect({ health, delivered }).toEqual({ health: [], delivered: true })
    await viewer.registry?.settle()
    await viewer.close()
    const report = await verify(deployment)
    expect(report.findings).toEqual([])
    expect(report).toMatchObject({ verdict: 'VALID_SEALED', selfIssued: false })
    expect(report.anchors).toMatchObject([{ kind: 'registry', log: origin, by: ORIGIN }])
    expect(deployment.faults.join()).not.toContain(TOKEN)
  })

  it('names a log of which every record was removed', async () => {
    const deployment = await deploy()
    const { viewer, folder, keys } = deployment
    const { origin } = await runService(folder, { viewer, endpoint: 'http://127.0.0.1:9' })
    await viewer.registry?.settle()
    const from = await fetch(`${viewer.registry?.url}/registry/v1/records`)
    const texts = (await from.text()).trim().split('\n')
    expect(texts.length).toBeGreaterThan(3)
    await viewer.close()
    const report = await verify({ ...deployment, keys })
    expect(report).toMatchObject({ verdict: 'MISSING_LOG' })
    expect(report.findings).toMatchObject([{ log: origin }])
  })

  it('misses a log whose process was killed before record 0, until the next of its slot speaks', async () => {
    const deployment = await deploy()
    const { viewer, folder } = deployment
    expect((await runProgram(DYING_SERVICE, folder, deployment)).signal).toBe('SIGKILL')
    await viewer.registry?.settle()
    const before = await verify(deployment)
    expect(before).toMatchObject({ verdict: 'MISSING_LOG', findings: [{ verdict: 'MISSING_LOG' }] })
    await runService(folder, deployment)
    await viewer.registry?.settle()
    await viewer.close()
    const report = await verify(deployment)
    expect(report).toMatchObject({ verdict: 'VALID_SEALED', findings: [] })
    expect(report.remarks.join()).toContain(before.findings[0]?.log)
  })

  it('refuses a foreign slot and a wrong token; the log certifies itself and says so', async () => {
    const deployment = await deploy()
    const { viewer, folder } = deployment
    const url = viewer.registry?.url ?? ''
    const { health } = await runService(folder, { viewer, slot: 'billing-1' })
    expect(health.join()).toContain('403')
    expect(health.join()).toContain('certifies itself')
    const answer = await fetch(`${url}/registry/v1/logs`, { method: 'POST', body: '{}' })
    expect(answer.status).toBe(401)
    const [first, second] = ['nonsense', '{"a":1}']
    const authorization = `Bearer ${TOKEN}`
    for (const body of [first, second, 'x'.repeat(100_000)]) {
      const refused = await fetch(`${url}/registry/v1/logs`, {
        method: 'POST',
        headers: { authorization },
        body,
      })
      expect(refused.status).toBe(400)
    }
    const heads = await fetch(`${url}/registry/v1/heads`, { method: 'POST', body: '{"note":"x"}' })
    expect(heads.status).toBe(400)
    expect((await fetch(`${url}/registry/v1/heads?origin=x`)).status).toBe(404)
    expect((await fetch(`${url}/registry/v1/records?from=x`)).status).toBe(400)
    expect((await fetch(`${url}/elsewhere`)).status).toBe(404)
    const checkpoint = await (await fetch(`${url}/registry/v1/checkpoint`)).text()
    expect(checkpoint.startsWith(`${ORIGIN}\n1\n`)).toBe(true)
  })

  it('that is not there at first: a certified log follows the self-issued one, and no request waits', async () => {
    const folder = temporaryFolder()
    const port = await freePort()
    const keys = makeCurrentKeys(folder)
    const before = performance.now()
    const service = openService(folder, 'http://127.0.0.1:9/v1/logs', `http://127.0.0.1:${port}`)
    expect(performance.now() - before).toBeLessThan(10_000)
    const first = service.log.state().origin
    append(service.log)
    expect(service.health.join()).toContain('ECONNREFUSED')
    const deployment = await deploy({ listener: { port } }, folder, keys)
    for (let i = 0; i < 300 && service.log.state().origin === first; i++) {
      append(service.log)
      await sleep(50)
    }
    const second = service.log.state().origin
    expect(second).not.toBe(first)
    expect(deployment.viewer.registry?.registry.knows(second)).toBe(true)
    expect(deployment.viewer.registry?.registry.knows(first)).toBe(false)
  }, 30_000)
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
