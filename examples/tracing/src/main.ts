/**
 * Signs a user in, sends requests through two services and prints where Zipkin shows them: one
 * search for the session's id finds the spans of both.
 *
 * Environment: `ZIPKIN_URL` (default `http://127.0.0.1:9411`); `KEEP_SECONDS`, how long to stay up
 * afterwards (default 0).
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as client from 'openid-client'
import { signIn } from '../../traffic/src/sign-in.ts'
import { startProgram, type Program } from './start-program.ts'
import { findSession, readSpans } from './zipkin.ts'

const ZIPKIN_URL = process.env['ZIPKIN_URL'] ?? 'http://127.0.0.1:9411'
const EXAMPLES = dirname(dirname(import.meta.dirname))
const PRELOADS = ['@tokentrail/node/register', join(import.meta.dirname, 'telemetry.ts')]

const folder = mkdtempSync(join(tmpdir(), 'tokentrail-tracing-'))
const running: Program[] = []

async function start(args: readonly string[], env: Record<string, string>): Promise<string> {
  const program = await startProgram(args, env)
  running.push(program)
  return program.url
}

function startService(name: string, env: Record<string, string>): Promise<string> {
  const flags = PRELOADS.flatMap((preload) => ['--import', preload])
  return start([...flags, join(import.meta.dirname, `${name}.ts`)], {
    ZIPKIN_URL,
    OTEL_SERVICE_NAME: name,
    // One folder for both: they share the key that makes their pseudonyms and session ids equal.
    TOKENTRAIL_DIR: folder,
    ...env,
  })
}

async function signAliceIn(issuer: string, password: string): Promise<string> {
  const config = await client.discovery(
    new URL(issuer),
    'orders-web',
    { id_token_signed_response_alg: 'ES256' },
    client.None(),
    { execute: [client.allowInsecureRequests] },
  )
  const tokens = await signIn(config, {
    user: 'alice',
    password,
    resource: 'https://orders.example.com',
    scope: 'orders:read',
  })
  return tokens.access_token
}

async function run(): Promise<void> {
  const password = randomBytes(24).toString('base64url')
  const issuer = await start([join(EXAMPLES, 'authorization-server', 'src', 'main.ts')], {
    PORT: '0',
    SIGN_IN_PASSWORD: password,
    ORDERS_API_CLIENT_SECRET: randomBytes(24).toString('base64url'),
    NIGHTLY_EXPORT_CLIENT_SECRET: randomBytes(24).toString('base64url'),
  })
  const stock = await startService('stock', { ISSUER: issuer })
  const orders = await startService('orders', { ISSUER: issuer, STOCK: stock })
  const token = await signAliceIn(issuer, password)
  const since = Date.now()
  for (const id of ['1001', '1002', '1003']) {
    const headers = { authorization: `Bearer ${token}` }
    const { status } = await fetch(`${orders}/v1/orders/${id}`, { headers })
    console.log(`GET /v1/orders/${id}: ${status}`)
  }
  const session = await findSession(ZIPKIN_URL, since)
  const query = `oauth.session.id=${session}`
  const spans = await readSpans(ZIPKIN_URL, query)
  const services = [...new Set(spans.map(({ localEndpoint }) => localEndpoint?.serviceName ?? ''))]
  console.log(
    `session ${session}: ${spans.length} spans of ${services.toSorted((a, b) => a.localeCompare(b)).join(' and ')}`,
  )
  console.log(`${ZIPKIN_URL}/zipkin/?annotationQuery=${encodeURIComponent(query)}`)
  await sleep(Number(process.env['KEEP_SECONDS'] ?? 0) * 1_000)
}

try {
  await run()
} finally {
  await Promise.all(
    running.map(({ child }) => {
      child.kill('SIGTERM')
      return once(child, 'exit')
    }),
  )
  rmSync(folder, { recursive: true, force: true })
}
