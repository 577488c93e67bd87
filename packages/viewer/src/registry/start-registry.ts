import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { SigningKey } from '@tokentrail/exporter'
import type { TlogPolicy } from '@tokentrail/ledger'
import { ViewerError } from '../errors.ts'
import type { LogStates } from '../logs/log-states.ts'
import type { Store } from '../store/store.ts'
import { Anchoring } from './anchors/anchoring.ts'
import { Forwarder } from './forwarder.ts'
import { HeadFeeder } from './head-feeder.ts'
import type { InstanceRule } from './instance-rules.ts'
import { openRegistryDatabase } from './registry-database.ts'
import { Registry } from './registry.ts'
import { RegistryLog, type RegistryKey } from './registry-log.ts'
import { createSigningEndpoint, type Identify } from './signing-endpoint.ts'

/** How the registry is reached. */
export interface RegistryListener {
  /** Default is 127.0.0.1. */
  readonly host?: string
  /** 0 takes a free one. Default is 4323. */
  readonly port?: number
  /** PEM texts. Default is plain HTTP, for a loopback address or behind a proxy that adds TLS. */
  readonly tls?: {
    readonly certificate: string
    readonly key: string
    /** Authorities of client certificates, which are then asked for. */
    readonly clientAuthorities?: string
  }
}

/** What a registry is made of. */
export interface RegistryConfiguration {
  /** Store of the registry; one writer. */
  readonly path: string
  readonly key: RegistryKey
  /** The intermediate key that certifies logs. */
  readonly issuer: SigningKey
  readonly rules: readonly InstanceRule[]
  readonly identify: Identify
  readonly listener?: RegistryListener
  /** Witnesses to ask. Default is nobody. */
  readonly policy?: TlogPolicy
  /** RFC 3161 authorities. Default is none. */
  readonly timestampUrls?: readonly string[]
  /** Default is `fetch`. */
  readonly fetch?: typeof fetch
}

/** Where the registry finds the heads of the other logs. */
export interface RegistrySurroundings {
  readonly store: Store
  readonly states: LogStates
  /** Nanoseconds since 1970 UTC. */
  readonly now: () => bigint
  readonly onFault: (error: unknown) => void
  /** Collector that the registry's records are sent to as well, without `/v1/logs`. */
  readonly endpoint: string | undefined
}

/** A running registry. */
export interface RunningRegistry {
  /** Address of its endpoint, without a path. */
  readonly url: string
  readonly registry: Registry
  /** Takes heads, signs, and asks witnesses and authorities at once. */
  settle(): Promise<void>
  close(): Promise<void>
}

const DEFAULT_PORT = 4_323
const TICK_MILLIS = 1_000
/** How long changes wait to be signed together: what was answered is durable before. */
const SIGN_SECONDS = 10
const IDLE_SECONDS = 60
const WITNESS_MILLIS = 60_000
const TIMESTAMP_MILLIS = 3_600_000
const RECORDS_PER_TURN = 1_000

/**
 * Starts the registry of a deployment in the viewer's process: the endpoint, the heads of the logs
 * that the viewer follows, a signed head within ten seconds of every change and each minute without
 * one, and the witnesses and authorities in the background. Its records go into the viewer's store
 * like those of every other log, and to the collector, where the viewer has one.
 *
 * @throws {@link ViewerError} `ERR_VIEWER_STORE_BUSY`, `ERR_VIEWER_STORE_UNREADABLE`,
 *   `ERR_VIEWER_ADDRESS_UNAVAILABLE`
 */
export async function startRegistry(
  configuration: RegistryConfiguration,
  surroundings: RegistrySurroundings,
): Promise<RunningRegistry> {
  const opened = openRegistryDatabase(configuration.path)
  try {
    return await startOn(opened, configuration, surroundings)
  } catch (error) {
    opened.close()
    throw error
  }
}

async function startOn(
  opened: ReturnType<typeof openRegistryDatabase>,
  configuration: RegistryConfiguration,
  { store, states, now, onFault, endpoint }: RegistrySurroundings,
): Promise<RunningRegistry> {
  const { key, issuer, rules, identify, listener = {} } = configuration
  const log = new RegistryLog({ database: opened.database, key, now })
  const registry = new Registry({ log, issuer, rules, now, onFork: onFault })
  const nowSeconds = (): number => Number(now() / 1_000_000_000n)
  const feeder = new HeadFeeder({
    registry,
    store,
    nowSeconds,
    stateOf: (stored) => states.of(stored),
  })
  const anchoring = new Anchoring({
    log,
    alarms: registry.alarms,
    policy: configuration.policy,
    timestampUrls: configuration.timestampUrls ?? [],
    fetch: configuration.fetch ?? fetch,
    now,
    onFault,
    witnessMillis: WITNESS_MILLIS,
    timestampMillis: TIMESTAMP_MILLIS,
  })
  const forwarder =
    endpoint === undefined
      ? undefined
      : new Forwarder({ log, endpoint, fetch: configuration.fetch ?? fetch, onFault })
  let shared = readShared(opened.database)

  /** A crash between the two stores only repeats records, which the viewer's knows by their place. */
  function share(): void {
    for (;;) {
      const texts = log.textsFrom(shared, RECORDS_PER_TURN)
      if (texts.length === 0) return
      store.append(texts.map((text) => ({ text })))
      shared += texts.length
      opened.database.prepare("INSERT OR REPLACE INTO meta VALUES ('shared', ?)").run(shared)
    }
  }

  function sign(waitSeconds: number): void {
    const passed = nowSeconds() - (log.head?.seconds ?? 0)
    if (passed < (log.uncovered > 0 ? waitSeconds : IDLE_SECONDS)) return
    log.checkpoint()
    share()
  }

  async function settle(): Promise<void> {
    await states.settled()
    feeder.run()
    sign(0)
    await anchoring.run()
    sign(0)
    await forwarder?.run()
  }

  let ticks = 0
  const timer = setInterval(() => {
    try {
      if (ticks++ % IDLE_SECONDS === 0) feeder.run()
      sign(SIGN_SECONDS)
      anchoring.run().catch(onFault)
      void forwarder?.run().catch(onFault)
    } catch (error) {
      onFault(error)
    }
  }, TICK_MILLIS).unref()
  share()
  const handler = createSigningEndpoint({ registry, identify, onFault, onChange: () => undefined })
  const server = createListener(listener, (request, response) => void handler(request, response))
  try {
    const url = await listen(server, listener)
    let closed: Promise<void> | undefined
    const close = async (): Promise<void> => {
      clearInterval(timer)
      await anchoring.close()
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
      feeder.run()
      feeder.close()
      sign(0)
      await forwarder?.run()
      opened.close()
    }
    return { url, registry, settle, close: () => (closed ??= close()) }
  } catch (error) {
    clearInterval(timer)
    throw error
  }
}

function readShared(database: ReturnType<typeof openRegistryDatabase>['database']): number {
  const row = database.prepare("SELECT value FROM meta WHERE key = 'shared'").get()
  return Number(row?.['value'] ?? 0)
}

function createListener(
  { tls }: RegistryListener,
  handler: Parameters<typeof createServer>[1],
): Server {
  if (tls === undefined) return createServer(handler)
  const { certificate: cert, key, clientAuthorities: ca } = tls
  // Without a certificate a client may still have a token: who it is is decided by `identify`.
  const clients = ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: false }
  return createTlsServer({ cert, key, minVersion: 'TLSv1.2', ...clients }, handler)
}

async function listen(
  server: Server,
  { host = '127.0.0.1', port = DEFAULT_PORT, tls }: RegistryListener,
): Promise<string> {
  server.headersTimeout = 10_000
  server.requestTimeout = 30_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const message = `port ${port} of the registry cannot be bound (${error.code}): give another`
      reject(new ViewerError('ERR_VIEWER_ADDRESS_UNAVAILABLE', message, { cause: error }))
    })
    server.listen({ host, port }, resolve)
  })
  const { port: bound } = server.address() as AddressInfo
  const name = host.includes(':') ? `[${host}]` : host
  return `${tls === undefined ? 'http' : 'https'}://${name}:${bound}`
}
