import { hostname } from 'node:os'
import { join } from 'node:path'
import {
  type Destination,
  type DestinationOptions,
  type Environment,
  resolveDestination,
} from './endpoint.ts'
import type { Durability } from './journal/journal.ts'
import { FAILURE_POLICIES, type FailurePolicy } from './log/failure-policy.ts'
import {
  REGISTRY_OPTION_NAMES,
  type RegistryOptions,
  type RegistrySettings,
  resolveRegistry,
} from './keys/registry/registry-options.ts'
import { type ResourceAttributes, parsePairs } from './resource.ts'

/** Options of the exporter; every member may be left out. */
export interface ExporterOptions extends DestinationOptions, RegistryOptions {
  /**
   * Folder that holds the journal and, by default, the keys. It must be on a local disk that
   * survives the process. Default is `TOKENTRAIL_DIR`, else `.tokentrail`.
   */
  readonly directory?: string
  /**
   * Stable name of this place in the deployment, so that the next process here adopts what a dead
   * one left: never a generated id. Default is `TOKENTRAIL_SLOT`, else a configured
   * `service.instance.id`, else the host name.
   */
  readonly slot?: string
  /**
   * Attributes of the OTLP resource. Default is `OTEL_RESOURCE_ATTRIBUTES`; given attributes
   * overlay it one by one. `service.name` is `OTEL_SERVICE_NAME` where that is set, else
   * `unknown_service:node`.
   */
  readonly resource?: ResourceAttributes
  /**
   * Private Ed25519 JWK. Default is `TOKENTRAIL_SIGNING_KEY_FILE`, else made in the folder's
   * `keys`.
   */
  readonly signingKeyFile?: string
  /** Secret JWK. Default is `TOKENTRAIL_PSEUDONYM_KEY_FILE`, else made in the folder's `keys`. */
  readonly pseudonymKeyFile?: string
  /**
   * What a record survives once its response has gone. `process`: the death of the process. `disk`:
   * a power cut too; responses wait for the flush. Default is `TOKENTRAIL_DURABILITY`, else
   * `process`.
   */
  readonly durability?: Durability
  /**
   * Longest that a response waits for its record to be safe, in milliseconds, from 1 to 600000.
   * Then it goes all the same, and `onHealth` is told. Default is `TOKENTRAIL_MAX_WAIT_MILLIS`,
   * else 5000 (five seconds).
   */
  readonly maxWaitMillis?: number
  /**
   * What happens when a record cannot be kept. `drop-and-record`: it is dropped, and a signed
   * record says how many were. `block`: its response waits, up to `maxWaitMillis`, then as before.
   * `fail-closed`: requests that present a token are answered with 503 before the application sees
   * them. Default is `TOKENTRAIL_FAILURE_POLICY`, else `drop-and-record`.
   */
  readonly failurePolicy?: FailurePolicy
  /**
   * Most bytes of everything below the folder's `journal`, from 1 MiB. Delivered segments go first,
   * then the failure policy applies. It must be less than what evicts the pod, and has to hold the
   * reserve and two segments for each log. Default is `TOKENTRAIL_MAX_BYTES`, else no cap.
   */
  readonly maxBytes?: number
  /**
   * Bytes on the disk that each log keeps for records about itself, so that they can be written
   * when the disk is full. Default is 8 MiB. With 0 a loss is recorded when there is room again.
   */
  readonly reserveBytes?: number
  /** Size at which a new segment begins, in bytes, from 65536 to 1 GiB. Default is 8 MiB. */
  readonly segmentBytes?: number
  /** How long delivered segments stay, in milliseconds. Default is 86400000 (24 hours). */
  readonly retainMillis?: number
  /** How many bytes of delivered segments stay, oldest removed first. Default is 1 GiB. */
  readonly retainBytes?: number
  /** Most records in one OTLP request, from 1 to 10000. Default is 1024. */
  readonly maxBatchRecords?: number
  /** Most bytes of one OTLP request before compression, from 65536 to 16 MiB. Default is 2 MiB. */
  readonly maxBatchBytes?: number
  /** How long a record may wait for others to be sent with, in milliseconds. Default is 200. */
  readonly batchDelayMillis?: number
  /** First limit of the random wait after a failed attempt, in milliseconds. Default is 1000. */
  readonly minBackoffMillis?: number
  /** Last limit of that wait, in milliseconds. Default is 60000 (one minute). */
  readonly maxBackoffMillis?: number
}

/** What {@link resolveExporterOptions} makes of the options. */
export interface ExporterSettings {
  readonly directory: string
  readonly slot: string
  readonly resource: ResourceAttributes
  readonly signingKeyFile: string
  readonly pseudonymKeyFile: string
  /** Where the public part of the signing key is kept, for whoever verifies. */
  readonly rootKeyFile: string
  readonly durability: Durability
  readonly failurePolicy: FailurePolicy
  readonly destination: Destination
  readonly limits: ExporterLimits
  /** Registry that certifies the logs; `undefined` when they certify themselves. */
  readonly registry: RegistrySettings | undefined
  /** One sentence for each setting that has no effect or is not understood. */
  readonly warnings: readonly string[]
}

/** Returns the name of the service, the first part of its logs' origins. */
export function serviceOf(settings: Pick<ExporterSettings, 'resource'>): string {
  return settings.resource['service.name'] ?? DEFAULT_SERVICE
}

/** The numbers among the settings; bounds and defaults are those of {@link ExporterOptions}. */
export interface ExporterLimits {
  readonly maxWaitMillis: number
  /** `Infinity` without a cap. */
  readonly maxBytes: number
  readonly reserveBytes: number
  readonly segmentBytes: number
  readonly retainMillis: number
  readonly retainBytes: number
  readonly maxBatchRecords: number
  readonly maxBatchBytes: number
  readonly batchDelayMillis: number
  readonly minBackoffMillis: number
  readonly maxBackoffMillis: number
}

/** What OpenTelemetry calls a Node.js service that has no name. */
const DEFAULT_SERVICE = 'unknown_service:node'

const MIB = 1024 * 1024
const DAY_MILLIS = 86_400_000

/** Default, least and most of each number; a default may lie beyond the most. */
const LIMITS: { readonly [Name in keyof ExporterLimits]: readonly [number, number, number] } = {
  maxWaitMillis: [5000, 1, 600_000],
  maxBytes: [Infinity, MIB, Number.MAX_SAFE_INTEGER],
  reserveBytes: [8 * MIB, 0, 1024 * MIB],
  segmentBytes: [8 * MIB, 65_536, 1024 * MIB],
  retainMillis: [DAY_MILLIS, 0, 3650 * DAY_MILLIS],
  retainBytes: [1024 * MIB, 0, Number.MAX_SAFE_INTEGER],
  maxBatchRecords: [1024, 1, 10_000],
  maxBatchBytes: [2 * MIB, 65_536, 16 * MIB],
  batchDelayMillis: [200, 0, 60_000],
  minBackoffMillis: [1000, 1, 600_000],
  maxBackoffMillis: [60_000, 1, 600_000],
}

/** Variables of those numbers that operators set. */
const LIMIT_VARIABLES: { readonly [Name in keyof ExporterLimits]?: string } = {
  maxWaitMillis: 'TOKENTRAIL_MAX_WAIT_MILLIS',
  maxBytes: 'TOKENTRAIL_MAX_BYTES',
}

const LIMIT_NAMES = Object.keys(LIMITS) as readonly (keyof ExporterLimits)[]

const OPTION_NAMES: ReadonlySet<string> = new Set([
  ...LIMIT_NAMES,
  ...REGISTRY_OPTION_NAMES,
  'directory',
  'slot',
  'resource',
  'signingKeyFile',
  'pseudonymKeyFile',
  'durability',
  'failurePolicy',
  'endpoint',
  'headers',
  'timeoutMillis',
  'compression',
  'certificateFile',
  'clientCertificateFile',
  'clientKeyFile',
])

/**
 * Resolves code → environment → default, once.
 *
 * @param hostName - The slot of last resort. Default is the name of this machine.
 * @throws {TypeError} When an option is unknown or out of bounds, or a variable that decides where
 *   records go is malformed. It names the option or variable.
 */
export function resolveExporterOptions(
  options: ExporterOptions,
  env: Environment,
  hostName: string = hostname(),
): ExporterSettings {
  const unknown = Object.keys(options).find((name) => !OPTION_NAMES.has(name))
  if (unknown !== undefined) throw new TypeError(`"${unknown}" is not an option of the exporter`)
  const warnings: string[] = []
  const directory = text('directory', options.directory ?? (env['TOKENTRAIL_DIR'] || '.tokentrail'))
  const keys = join(directory, 'keys')
  const configured = { ...parsedResource(env), ...options.resource }
  const slot =
    options.slot ?? (env['TOKENTRAIL_SLOT'] || configured['service.instance.id'] || hostName)
  return Object.freeze({
    directory,
    slot: text('slot', slot),
    resource: withServiceName(configured, options, env),
    signingKeyFile:
      options.signingKeyFile ??
      (env['TOKENTRAIL_SIGNING_KEY_FILE'] || join(keys, 'signing.jwk.json')),
    pseudonymKeyFile:
      options.pseudonymKeyFile ??
      (env['TOKENTRAIL_PSEUDONYM_KEY_FILE'] || join(keys, 'pseudonym.jwk.json')),
    rootKeyFile: join(keys, 'root.jwk.json'),
    durability: resolveDurability(options, env),
    failurePolicy: resolveFailurePolicy(options, env),
    destination: resolveDestination(options, env, (warning) => warnings.push(warning)),
    limits: resolveLimits(options, env),
    registry: resolveRegistry(options, env),
    warnings,
  })
}

function parsedResource(env: Environment): ResourceAttributes {
  const name = 'OTEL_RESOURCE_ATTRIBUTES'
  return parsePairs(env[name] ?? '', name)
}

function withServiceName(
  configured: ResourceAttributes,
  options: ExporterOptions,
  env: Environment,
): ResourceAttributes {
  const name =
    options.resource?.['service.name'] ??
    (env['OTEL_SERVICE_NAME'] || configured['service.name'] || DEFAULT_SERVICE)
  return { ...configured, 'service.name': name }
}

function resolveDurability(options: ExporterOptions, env: Environment): Durability {
  const value = options.durability ?? (env['TOKENTRAIL_DURABILITY'] || 'process')
  if (value === 'process' || value === 'disk') return value
  const name = options.durability === undefined ? 'TOKENTRAIL_DURABILITY' : 'durability'
  throw new TypeError(`"${name}" must be process or disk`)
}

function resolveFailurePolicy(options: ExporterOptions, env: Environment): FailurePolicy {
  const variable = 'TOKENTRAIL_FAILURE_POLICY'
  const value: string = options.failurePolicy ?? (env[variable] || 'drop-and-record')
  const known = FAILURE_POLICIES.find((policy) => policy === value)
  if (known !== undefined) return known
  const name = options.failurePolicy === undefined ? variable : 'failurePolicy'
  throw new TypeError(`"${name}" must be one of ${FAILURE_POLICIES.join(', ')}`)
}

function resolveLimits(options: ExporterOptions, env: Environment): ExporterLimits {
  const entries = LIMIT_NAMES.map((name) => {
    const variable = LIMIT_VARIABLES[name]
    const value = variable === undefined ? undefined : env[variable]
    if (options[name] !== undefined || !value) return [name, resolveLimit(name, options[name])]
    return [name, resolveLimit(name, Number(value), variable)]
  })
  const limits = Object.fromEntries(entries) as ExporterLimits
  const least = limits.reserveBytes + 2 * limits.segmentBytes
  if (limits.maxBytes >= least) return limits
  throw new TypeError(
    `"${options.maxBytes === undefined ? LIMIT_VARIABLES.maxBytes : 'maxBytes'}" must be at least ` +
      `${least}: the reserve and two segments`,
  )
}

function resolveLimit(
  name: keyof ExporterLimits,
  value: number | undefined,
  shownAs: string = name,
): number {
  const [byDefault, least, most] = LIMITS[name]
  if (value === undefined) return byDefault
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value
  throw new TypeError(`"${shownAs}" must be an integer from ${least} to ${most}`)
}

function text(name: string, value: string): string {
  if (typeof value === 'string' && value !== '') return value
  throw new TypeError(`"${name}" must be a non-empty string`)
}
