import { join } from 'node:path'
import type { RootKey } from './logs/root-key.ts'
import type { RegistryConfiguration } from './registry/start-registry.ts'

/** Options of {@link startViewer}; every member may be left out. */
export interface ViewerOptions {
  /**
   * Folder of the viewer's own: its store, and the journal of what it derives. Default is
   * `<TOKENTRAIL_DIR>/viewer`, `TOKENTRAIL_DIR` being `.tokentrail` where it is not set.
   */
  readonly directory?: string
  /**
   * Folder of `signing.jwk.json` and `pseudonym.jwk.json`, made once where they are missing. With
   * the fleet's pseudonym key users are found by their clear names. Default are the files that
   * `TOKENTRAIL_SIGNING_KEY_FILE` and `TOKENTRAIL_PSEUDONYM_KEY_FILE` name, else
   * `<TOKENTRAIL_DIR>/keys`.
   */
  readonly keysDirectory?: string
  /** Port on the loopback address; 0 takes a free one. Default is 4319. */
  readonly port?: number
  /** Takes a free port when the port is in use. Default is `false`. */
  readonly portFallback?: boolean
  /**
   * OTLP/HTTP endpoint, without `/v1/logs`, that derived session records are delivered to: the
   * collector, so that they reach every store. Default is the viewer itself.
   */
  readonly endpoint?: string
  /** Writes what is received as OTLP JSON lines into this folder. Default is not to. */
  readonly exportDirectory?: string
  /**
   * A session without a sign of life for so long has ended, in milliseconds, from 1 to 86400000.
   * Default is 1800000 (30 minutes).
   */
  readonly sessionIdleMillis?: number
  /** Root keys that logs are trusted by, besides the public part of the signing key here. */
  readonly roots?: readonly RootKey[]
  /** The deployment's registry, run in this process. Default is none. */
  readonly registry?: RegistryConfiguration
  /** Host names, besides the loopback ones, by which a browser may reach the viewer. */
  readonly allowedHosts?: readonly string[]
  /** Told of faults of the viewer itself, in one sentence. Default writes to standard error. */
  readonly onFault?: (message: string) => void
}

type Environment = Readonly<Record<string, string | undefined>>

/** The options with their defaults. */
export interface ViewerSettings extends Required<
  Omit<ViewerOptions, 'endpoint' | 'exportDirectory' | 'keysDirectory' | 'registry'>
> {
  readonly signingKeyFile: string
  readonly pseudonymKeyFile: string
  readonly rootKeyFile: string
  readonly endpoint: string | undefined
  readonly exportDirectory: string | undefined
  readonly registry: RegistryConfiguration | undefined
}

const DAY_MILLIS = 86_400_000

/** The viewer's options are these names; anything else is a mistake that must not pass unseen. */
const NAMES: ReadonlySet<string> = new Set<keyof ViewerOptions>([
  'directory',
  'keysDirectory',
  'port',
  'portFallback',
  'endpoint',
  'exportDirectory',
  'sessionIdleMillis',
  'roots',
  'registry',
  'allowedHosts',
  'onFault',
])

/**
 * Resolves code → environment → default.
 *
 * @throws TypeError when an option is unknown or out of bounds; it names the option.
 */
export function resolveViewerOptions(options: ViewerOptions, env: Environment): ViewerSettings {
  const unknown = Object.keys(options).find((name) => !NAMES.has(name))
  if (unknown !== undefined) throw new TypeError(`"${unknown}" is no option of the viewer`)
  const base = env['TOKENTRAIL_DIR'] || '.tokentrail'
  return {
    directory: options.directory ?? join(base, 'viewer'),
    ...resolveKeyFiles(options.keysDirectory, base, env),
    port: toInteger('port', options.port ?? 4319, 0, 65_535),
    portFallback: options.portFallback ?? false,
    endpoint: toEndpoint(options.endpoint),
    exportDirectory: options.exportDirectory,
    sessionIdleMillis: toInteger(
      'sessionIdleMillis',
      options.sessionIdleMillis ?? 1_800_000,
      1,
      DAY_MILLIS,
    ),
    roots: options.roots ?? [],
    registry: options.registry,
    allowedHosts: (options.allowedHosts ?? []).map((name) => name.toLowerCase()),
    onFault: options.onFault ?? writeFault,
  }
}

function resolveKeyFiles(
  directory: string | undefined,
  base: string,
  env: Environment,
): Pick<ViewerSettings, 'signingKeyFile' | 'pseudonymKeyFile' | 'rootKeyFile'> {
  const keys = directory ?? join(base, 'keys')
  const named = directory === undefined ? env : {}
  return {
    signingKeyFile: named['TOKENTRAIL_SIGNING_KEY_FILE'] || join(keys, 'signing.jwk.json'),
    pseudonymKeyFile: named['TOKENTRAIL_PSEUDONYM_KEY_FILE'] || join(keys, 'pseudonym.jwk.json'),
    rootKeyFile: join(keys, 'root.jwk.json'),
  }
}

function toInteger(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value
  throw new TypeError(`"${name}" must be an integer from ${least} to ${most}`)
}

function toEndpoint(endpoint: string | undefined): string | undefined {
  if (endpoint === undefined) return undefined
  const url = URL.parse(endpoint)
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url.href.replace(/\/$/, '')
  throw new TypeError('"endpoint" must be an http:// or https:// URL, without /v1/logs')
}

function writeFault(message: string): void {
  process.stderr.write(`tokentrail viewer: ${message}\n`)
}
