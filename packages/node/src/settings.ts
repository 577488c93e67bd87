import { existsSync } from 'node:fs'
import {
  resolveExporterOptions,
  type Environment,
  type ExporterOptions,
  type ExporterSettings,
} from '@tokentrail/exporter'
import type { Identification } from '@tokentrail/session'
import { SETTINGS, type SettingDefinition } from './settings-table.ts'
import { findUnknownVariables } from './unknown-variables.ts'

/** Options of {@link startRecording}; all optional. What code says wins over the environment. */
export interface RecordingOptions extends ExporterOptions {
  /** `service.name` of the resource. Default is `OTEL_SERVICE_NAME`, else that of the resource. */
  readonly serviceName?: string
  /** Policy file. Default is `TOKENTRAIL_CONFIG`, else `tokentrail.yaml` if it exists. */
  readonly configFile?: string
  /** How records name subjects. Default is `TOKENTRAIL_SUBJECT`, else `pseudonym`. */
  readonly subject?: Identification
  /** How records name client addresses. Default is `TOKENTRAIL_ADDRESS`, else `pseudonym`. */
  readonly address?: Identification
  /**
   * Proxies in front that append to `X-Forwarded-For`. At most 16. Default is
   * `TOKENTRAIL_TRUSTED_HOPS`, else 0.
   */
  readonly trustedHops?: number
  /** Whether spans carry the `oauth.*` attributes. Default is `TOKENTRAIL_STAMP_SPANS`, else true. */
  readonly stampSpans?: boolean
  /** Libraries to leave alone, e.g. `{ jose: false }`. Default is to hook all of them. */
  readonly libraries?: { readonly [name: string]: boolean }
}

/** A setting as it holds, for people. */
export interface Setting {
  readonly name: string
  /** The value; of what may hold a credential only whether there is one. */
  readonly value: string
  /** Who set it. */
  readonly origin: 'code' | 'environment' | 'default'
  /** The variable, when the environment set it; else the one that would. */
  readonly variable: string
  readonly what: string
}

/** What {@link resolveSettings} makes of options and environment. */
export interface RecordingSettings {
  readonly exporter: ExporterSettings
  /** Policy file to read; undefined for the empty policy. */
  readonly configFile: string | undefined
  readonly subject: Identification
  readonly address: Identification
  readonly trustedHops: number
  readonly stampSpans: boolean
  readonly libraries: { readonly [name: string]: boolean }
  /** Every setting with its value and origin, without credentials. */
  readonly table: readonly Setting[]
  /** One sentence for each variable that has no effect or is not understood. */
  readonly warnings: readonly string[]
}

const DEFAULT_CONFIG_FILE = 'tokentrail.yaml'
const IDENTIFICATIONS: readonly Identification[] = ['pseudonym', 'plain', 'off']
const MAX_TRUSTED_HOPS = 16

/**
 * Resolves code → environment → default, once, for the whole of recording.
 *
 * @param exists - Whether a file is there. Default looks at the disk.
 * @throws {TypeError} When an option or variable is wrong; it names it, its value and the remedy.
 */
export function resolveSettings(
  options: RecordingOptions = {},
  env: Environment = process.env,
  exists: (path: string) => boolean = existsSync,
): RecordingSettings {
  const { configFile, subject, address, trustedHops, stampSpans, libraries, ...rest } = options
  const exporter = resolveExporterOptions(withServiceName(rest), env)
  const file = configFile ?? (env['TOKENTRAIL_CONFIG'] || undefined)
  const resolved = {
    exporter,
    configFile: file ?? (exists(DEFAULT_CONFIG_FILE) ? DEFAULT_CONFIG_FILE : undefined),
    subject: resolveIdentification('subject', subject, 'TOKENTRAIL_SUBJECT', env),
    address: resolveIdentification('address', address, 'TOKENTRAIL_ADDRESS', env),
    trustedHops: resolveTrustedHops(trustedHops, env),
    stampSpans: resolveStampSpans(stampSpans, env),
    libraries: libraries ?? {},
  }
  const values = describeValues(resolved)
  return Object.freeze({
    ...resolved,
    table: SETTINGS.map((definition) => toSetting(definition, options, env, values)),
    warnings: [...exporter.warnings, ...findUnknownVariables(env)],
  })
}

function withServiceName({
  serviceName,
  ...options
}: ExporterOptions & Pick<RecordingOptions, 'serviceName'>): ExporterOptions {
  if (serviceName === undefined) return options
  return { ...options, resource: { ...options.resource, 'service.name': serviceName } }
}

function resolveIdentification(
  name: string,
  option: Identification | undefined,
  variable: string,
  env: Environment,
): Identification {
  const value = option ?? (env[variable] || 'pseudonym')
  const known = IDENTIFICATIONS.find((candidate) => candidate === value)
  if (known !== undefined) return known
  throw wrong(option === undefined ? variable : name, value, IDENTIFICATIONS.join(', '))
}

function resolveTrustedHops(option: number | undefined, env: Environment): number {
  const variable = 'TOKENTRAIL_TRUSTED_HOPS'
  const value: unknown = option ?? (env[variable] || '0')
  const hops = typeof value === 'string' && /^\d{1,2}$/.test(value) ? Number(value) : value
  if (Number.isInteger(hops) && Number(hops) >= 0 && Number(hops) <= MAX_TRUSTED_HOPS) {
    return Number(hops)
  }
  const expected = `an integer from 0 to ${MAX_TRUSTED_HOPS}`
  throw wrong(option === undefined ? variable : 'trustedHops', value, expected)
}

function resolveStampSpans(option: boolean | undefined, env: Environment): boolean {
  const variable = 'TOKENTRAIL_STAMP_SPANS'
  const value = String(option ?? (env[variable] || 'true')).toLowerCase()
  if (value === 'true' || value === 'false') return value === 'true'
  throw wrong(option === undefined ? variable : 'stampSpans', value, 'true or false')
}

function wrong(name: string, value: unknown, expected: string): TypeError {
  const shown = JSON.stringify(String(value).slice(0, 64))
  return new TypeError(`"${name}" is ${shown}; it must be ${expected}`)
}

type Values = Readonly<Record<string, string>>

function describeValues(settings: Omit<RecordingSettings, 'table' | 'warnings'>): Values {
  const { exporter } = settings
  const { destination, resource } = exporter
  const names = Object.keys(destination.headers)
  return {
    directory: exporter.directory,
    slot: exporter.slot,
    signingKeyFile: exporter.signingKeyFile,
    pseudonymKeyFile: exporter.pseudonymKeyFile,
    durability: exporter.durability,
    maxWaitMillis: String(exporter.limits.maxWaitMillis),
    configFile: settings.configFile ?? 'none',
    subject: settings.subject,
    address: settings.address,
    trustedHops: String(settings.trustedHops),
    stampSpans: String(settings.stampSpans),
    endpoint: withoutCredentials(destination.url),
    headers: names.length === 0 ? 'none' : `${names.join(', ')} (values not shown)`,
    timeoutMillis: String(destination.timeoutMillis),
    compression: destination.compression,
    certificateFile: destination.certificateAuthority === undefined ? 'none' : 'given',
    resource: Object.keys(resource).join(', ') || 'none',
    serviceName: String(resource['service.name']),
  }
}

/** User, password and query of an endpoint may hold a key. */
function withoutCredentials(url: string): string {
  const shown = new URL(url)
  shown.username = ''
  shown.password = ''
  const query = shown.search === '' ? '' : '?…'
  shown.search = ''
  return `${shown.href}${query}`
}

function toSetting(
  { name, variables, what }: SettingDefinition,
  options: RecordingOptions,
  env: Environment,
  values: Values,
): Setting {
  const used = variables.find((variable) => env[variable])
  const inCode =
    (options as Readonly<Record<string, unknown>>)[name] !== undefined ||
    (name === 'serviceName' && options.resource?.['service.name'] !== undefined)
  return {
    name,
    value: values[name] ?? '',
    origin: inCode ? 'code' : used === undefined ? 'default' : 'environment',
    variable: used ?? variables[0] ?? '',
    what,
  }
}
