import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createHmac, loadPseudonymKey, readExport } from '@tokentrail/exporter'
import { verifyLogs } from '@tokentrail/ledger'
import { createPseudonymizer } from '@tokentrail/session'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  makeSecrets,
  startAuthorizationServer,
  startOrdersApi,
  type Service,
} from './support/oauth-parties.ts'
import { startOtlpSink, type OtlpSink } from './support/otlp-sink.ts'
import { until } from './support/until.ts'

/** The long form: TOKENTRAIL_KILL_ROUNDS=1000 */
const ROUNDS = Number(process.env['TOKENTRAIL_KILL_ROUNDS'] ?? 5)
const SEED = Number(process.env['TOKENTRAIL_KILL_SEED'] ?? Date.now() % 100_000)
const SECONDS_PER_ROUND = 20
const CLIENTS = 4
const MAX_LOAD_MILLIS = 700

/** A number from 0 to 1 that only depends on seed and round (mulberry32). */
function chance(round: number): number {
  let a = (SEED + round * 0x6d2b79f5) | 0
  a = Math.imul(a ^ (a >>> 15), a | 1)
  a ^= a + Math.imul(a ^ (a >>> 7), a | 61)
  return ((a ^ (a >>> 14)) >>> 0) / 4_294_967_296
}

describe(`the API killed under load, ${ROUNDS} rounds, seed ${SEED}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'tokentrail-e2e-kill-'))
  const dir = join(folder, 'data')
  const file = join(folder, 'export.jsonl')
  const secrets = makeSecrets()
  /** Requests that were answered, by token. */
  const answered = new Map<string, number>()
  /** Requests that have a record in the sink, by token fingerprint. */
  const recorded = new Map<string, number>()
  /** Size of each log in the sink so far: its records came from index 0 without a gap. */
  const sizes = new Map<string, number>()
  const outOfOrder: string[] = []
  let authorizationServer: Service
  let sink: OtlpSink

  const note = (text: string): void => {
    const { log, index, type, attributes } = JSON.parse(text) as {
      readonly log: string
      readonly index?: number
      readonly type: string
      readonly attributes?: Readonly<Record<string, string>>
    }
    const size = sizes.get(log) ?? 0
    if (index === undefined || index < size) return
    if (index > size) outOfOrder.push(`${log} ${index} came after ${size - 1}`)
    sizes.set(log, index + 1)
    if (type !== 'oauth.request') return
    const fingerprint = attributes?.['oauth.token.fingerprint'] ?? ''
    recorded.set(fingerprint, (recorded.get(fingerprint) ?? 0) + 1)
  }

  beforeAll(async () => {
    sink = await startOtlpSink(file, note)
    authorizationServer = await startAuthorizationServer(secrets)
  })
  afterAll(async () => {
    await authorizationServer.end('SIGTERM')
    await sink.close()
    rmSync(folder, { recursive: true, force: true })
  })

  const startApi = (): Promise<Service> =>
    startOrdersApi(secrets, authorizationServer.url, {
      OTEL_SERVICE_NAME: 'orders-api',
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint,
      TOKENTRAIL_DIR: dir,
      TOKENTRAIL_SLOT: 'kill',
    })

  const issueToken = async (): Promise<string> => {
    const credentials = Buffer.from(`nightly-export:${secrets.nightlyExport}`).toString('base64')
    const response = await fetch(`${authorizationServer.url}/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${credentials}` },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        scope: 'orders:read',
        resource: 'https://orders.example.com',
      }),
    })
    return ((await response.json()) as { access_token: string }).access_token
  }

  /** Calls the API with a token of its own until nobody answers any more. */
  const load = async (url: string, token: string): Promise<void> => {
    answered.set(token, 0)
    for (;;) {
      try {
        const headers = { authorization: `Bearer ${token}` }
        const response = await fetch(`${url}/v1/orders/1001`, { headers })
        await response.arrayBuffer()
        expect(response.status).toBe(200)
      } catch (error) {
        if (error instanceof TypeError) return
        throw error
      }
      answered.set(token, (answered.get(token) ?? 0) + 1)
    }
  }

  const playRound = async (round: number): Promise<void> => {
    // In half of the rounds nothing is taken, so that a backlog grows over several processes.
    sink.refusing = round % 2 === 1
    const tokens = await Promise.all(Array.from({ length: CLIENTS }, issueToken))
    const api = await startApi()
    const clients = tokens.map((token) => load(api.url, token))
    await until('a first answer', () => answered.get(tokens[0] ?? '') || undefined)
    await pause(chance(round) * MAX_LOAD_MILLIS)
    await api.end('SIGKILL')
    await Promise.all(clients)
    expect(api.output()).not.toMatch(/Not recording|could not be kept|are not kept/)
  }

  it(
    'has a record of every answered request, in order, and nothing to find for the verifier',
    async () => {
      for (let round = 0; round < ROUNDS; round++) await playRound(round)
      sink.refusing = false
      const last = await startApi()

      const key = loadPseudonymKey(join(dir, 'keys', 'pseudonym.jwk.json'))
      const hmac = createHmac(key.secret)
      const pseudonyms = createPseudonymizer({ hmac, keyId: key.id, epoch: key.epoch })
      const recordsOf = (token: string): number =>
        recorded.get(pseudonyms.pseudonymOf('token', '', token)) ?? 0
      const lacking = () => [...answered].filter(([token, count]) => recordsOf(token) < count)
      await until('a record of every answered request', () => lacking().length === 0 || undefined)

      const root = readFileSync(join(dir, 'keys', 'root.jwk.json'), 'utf8')
      const roots = [JSON.parse(root) as { kty: string }]
      // A running log has no end yet, and the end of a dead one counts once it is signed for.
      await until('the dead logs to be sealed', async () => {
        const { logs } = await verifyLogs(readExport([file]), { roots })
        return logs.filter(({ state }) => state === 'sealed').length >= ROUNDS || undefined
      })
      expect(await last.end('SIGTERM')).toEqual({ code: 0, signal: null })
      const report = await until('the last log to be sealed', async () => {
        const report = await verifyLogs(readExport([file]), { roots })
        return report.logs.every(({ state }) => state === 'sealed') ? report : undefined
      })
      expect(report).toMatchObject({ verdict: 'VALID_SEALED', findings: [] })
      expect(report.logs).toHaveLength(ROUNDS + 1)
      for (const [token, count] of answered) {
        expect(count).toBeGreaterThan(0)
        // One client has one request at a time, so at most one was recorded and not answered.
        expect(recordsOf(token) - count).toBeLessThanOrEqual(1)
      }
      expect(outOfOrder).toEqual([])
      const total = [...answered.values()].reduce((sum, count) => sum + count, 0)
      console.log(`${total} answered requests in ${ROUNDS} rounds, ${report.records} records`)
    },
    ROUNDS * SECONDS_PER_ROUND * 1000 + 120_000,
  )
})
