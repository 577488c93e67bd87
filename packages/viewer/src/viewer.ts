import { mkdirSync } from 'node:fs'
import type { Server } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createHmac, loadOrCreateKeys, type RecorderKeys } from '@tokentrail/exporter'
import { createPseudonymizer, type IdentityKind, type Pseudonymizer } from '@tokentrail/session'
import { LogStates } from './logs/log-states.ts'
import { createProver } from './logs/proof.ts'
import { openEmbeddedExport } from './receiver/embedded-export.ts'
import { createReceiver, type ReceiverTotals } from './receiver/receiver.ts'
import { readRootFile } from './logs/root-file.ts'
import { startRegistry, type RunningRegistry } from './registry/start-registry.ts'
import { createApi } from './server/api.ts'
import { listenOnLoopback } from './server/listen.ts'
import { createLive } from './server/live.ts'
import { createViewerServer } from './server/server.ts'
import { startSessionizer } from './sessionizer/start-sessionizer.ts'
import type { IdentityFacts } from './store/record-facts.ts'
import { openStore, type IdentityBinding, type Store } from './store/store.ts'
import { VERSION } from './version.ts'
import { resolveViewerOptions, type ViewerOptions, type ViewerSettings } from './viewer-options.ts'

/** A running viewer. */
export interface Viewer {
  /** Address of the page, without a path. */
  readonly url: string
  /** Address that OTLP/HTTP logs are sent to, `/v1/logs` included. */
  readonly otlpUrl: string
  readonly store: Store
  /** Counts what was received since the start. */
  received(): ReceiverTotals
  /** The registry, where one runs in here. */
  readonly registry?: RunningRegistry
  /**
   * Derives nothing more, and seals the log of what was derived. Resolves when it was delivered, or
   * after 5 seconds; what was not delivered then is delivered by the next viewer. Idempotent.
   *
   * @returns Whether everything was delivered.
   */
  seal(): Promise<boolean>
  /** {@link seal}, then ends everything. Idempotent. */
  close(): Promise<void>
}

const PAGE_DIRECTORY: string = fileURLToPath(new URL('../page/dist', import.meta.url))

/**
 * Starts a viewer on the loopback address: receiver, store, search API, page and sessionizer.
 *
 * @example
 *   Start a viewer and print where it is
 *
 *   ```ts
 *   const viewer = await startViewer({ directory: '.tokentrail/viewer' })
 *   console.log(viewer.url, viewer.otlpUrl)
 *   ```
 *
 * @throws {@link ViewerError} `ERR_VIEWER_ADDRESS_UNAVAILABLE`, `ERR_VIEWER_STORE_BUSY`,
 *   `ERR_VIEWER_STORE_NEWER`, `ERR_VIEWER_STORE_UNREADABLE`; ExporterError for the key files.
 */
export async function startViewer(options: ViewerOptions = {}): Promise<Viewer> {
  const settings = resolveViewerOptions(options, process.env)
  mkdirSync(settings.directory, { recursive: true })
  const keys = loadOrCreateKeys(settings)
  const pseudonyms = createPseudonymizer({
    hmac: createHmac(keys.pseudonym.secret),
    keyId: keys.pseudonym.id,
    epoch: keys.pseudonym.epoch,
  })
  const store = openStore(join(settings.directory, 'store.sqlite'), {
    checkIdentity: (identity) => checkBinding(identity, pseudonyms),
  })
  try {
    return await startWith(settings, keys, pseudonyms, store)
  } catch (error) {
    store.close()
    throw error
  }
}

async function startWith(
  settings: ViewerSettings,
  keys: RecorderKeys,
  pseudonyms: Pseudonymizer,
  store: Store,
): Promise<Viewer> {
  const onFault = (error: unknown): void => settings.onFault(describeFault(error))
  const now = (): bigint => BigInt(Date.now()) * 1_000_000n
  const roots = [keys.signing.publicJwk, ...readRootFile(settings.rootKeyFile), ...settings.roots]
  const states = new LogStates({ store, roots, now, onFault })
  const live = createLive({ store })
  const exported =
    settings.exportDirectory === undefined
      ? undefined
      : openEmbeddedExport(settings.exportDirectory)
  const receiver = createReceiver({ store, onAccepted: exported?.write, onFault })
  let url = ''
  let running: RunningRegistry | undefined
  const server = createViewerServer({
    receiver,
    live,
    pageDirectory: PAGE_DIRECTORY,
    allowedHosts: settings.allowedHosts,
    onFault,
    api: createApi({
      store,
      version: VERSION,
      startedAtMillis: Date.now(),
      otlpUrl: () => `${url}/v1/logs`,
      now,
      toPseudonyms: (value, issuers) =>
        issuers.map((issuer) => pseudonyms.pseudonymOf('sub', issuer, value)),
      alarms: () => running?.registry.alarms,
      logStates: () => states.all(),
      prove: createProver({ store, roots, states }),
    }),
  })
  const endServing = async (): Promise<void> => {
    live.close()
    await closeServer(server)
    await states.close()
    exported?.close()
  }
  try {
    const port = await listenOnLoopback(server, settings.port, settings.portFallback)
    url = `http://127.0.0.1:${port}`
    const registry =
      settings.registry &&
      (await startRegistry(settings.registry, {
        store,
        states,
        now,
        onFault,
        endpoint: settings.endpoint,
      }))
    running = registry
    const { seal } = startSessionizer({
      settings,
      keys: { ...keys, signing: settings.registry?.issuer ?? keys.signing },
      store,
      url,
      now,
      onFault,
    })
    const end = async (): Promise<void> => {
      await seal()
      await states.settled()
      running = undefined
      await registry?.close()
      await endServing()
      store.close()
    }
    let ended: Promise<void> | undefined
    return {
      url,
      otlpUrl: `${url}/v1/logs`,
      store,
      received: () => receiver.totals(),
      ...(registry !== undefined && { registry }),
      seal,
      close: () => (ended ??= end()),
    }
  } catch (error) {
    await endServing()
    throw error
  }
}

function checkBinding(identity: IdentityFacts, pseudonyms: Pseudonymizer): IdentityBinding {
  const { kind, issuer, value, pseudonym, key } = identity
  if (key !== pseudonyms.key || !isPseudonymKind(kind)) return 'unknown'
  return pseudonyms.pseudonymOf(kind, issuer, value) === pseudonym ? 'bound' : 'forged'
}

function isPseudonymKind(kind: string): kind is IdentityKind {
  return kind === 'sub' || kind === 'sid' || kind === 'address' || kind === 'user_agent'
}

function describeFault(fault: unknown): string {
  return fault instanceof Error ? fault.message : String(fault)
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
