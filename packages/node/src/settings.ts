import { existsSync } from 'node:fs'
import {
  resolveExporterOptions,
  type Environment,
  type ExporterOptions,
  type ExporterSettings,
} from '@tokentrail/exporter'
import type { Identification } from '@tokentrail/session'
import type { IssuerSetting } from './issuer-settings.ts'
import {
  resolveCount,
  resolveIdentification,
  resolveIssuers,
  resolveSwitch,
} from './resolve-setting.ts'
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
  /**
   * Issuers whose tokens the recorder verifies itself, beside those of the configuration file.
   * Default is the URLs of `TOKENTRAIL_ISSUERS`, else none.
   */
  readonly issuers?: readonly IssuerSetting[]
  /**
   * Whether roles and groups of a token are recorded where its issuer's profile knows them. Default
   * is `TOKENTRAIL_ROLES`, else false.
   */
  readonly roles?: boolean
  /**
   * Rejections a second that are recorded one by one although nobody is attributed to them; a
   * minute's at once. At most 10000. Default is `TOKENTRAIL_REJECTIONS_PER_SECOND`, else 10.
   */
  readonly rejectionsPerSecond?: number
  /**
   * Whether the server span of a request carries all `oauth.*` attributes that are known. Default
   * is `TOKENTRAIL_STAMP_SERVER_SPAN`, else true.
   */
  readonly stampServerSpan?: boolean
  /**
   * Whether every span of a request carries session, client and subject. Default is
   * `TOKENTRAIL_STAMP_SPANS`, else true.
   */
  readonly stampSpans?: boolean
  /** Whether log records of a request carry the same. Default is `TOKENTRAIL_STAMP_LOGS`, else true. */
  readonly stampLogs?: boolean
  /**
   * Whether spans and log records without a `session.id` get ours under that name too. Default is
   * `TOKENTRAIL_STAMP_SESSION_ID`, else false.
   */
  readonly stampSessionId?: boolean
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
  readonly issuers: readonly IssuerSetting[]
  readonly roles: boolean
  readonly rejectionsPerSecond: number
  readonly stampServerSpan: boolean
  readonly stampSpans: boolean
  readonly stampLogs: boolean
  readonly stampSessionId: boolean
  readonly libraries: { readonly [name: string]: boolean }
  /** Every setting with its value and origin, without credentials. */
  readonly table: readonly Setting[]
  /** One sentence for each variable that has no effect or is not understood. */
  readonly warnings: readonly string[]
}

const DEFAULT_CONFIG_FILE = 'tokentrail.yaml'
const MAX_TRUSTED_HOPS = 16
const MAX_REJECTIONS_PER_SECOND = 10_000

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
  const { configFile, subject, address, libraries, ...others } = options
  const { stampServerSpan, stampSpans, stampLogs, stampSessionId, ...more } = others
  const { issuers, roles, ...numbers } = more
  const { trustedHops, rejectionsPerSecond, ...rest } = numbers
  const exporter = resolveExporterOptions(withServiceName(rest), env)
  const file = configFile ?? (env['TOKENTRAIL_CONFIG'] || undefined)
  const resolved = {
    exporter,
    configFile: file ?? (exists(DEFAULT_CONFIG_FILE) ? DEFAULT_CONFIG_FILE : undefined),
    subject: resolveIdentification('subject', subject, env),
    address: resolveIdentification('address', address, env),
    trustedHops: resolveCount('trustedHops', trustedHops, 0, MAX_TRUSTED_HOPS, env),
    issuers: resolveIssuers(issuers, env),
    roles: resolveSwitch('roles', roles, false, env),
    rejectionsPerSecond: resolveCount(
      'rejectionsPerSecond',
      rejectionsPerSecond,
      10,
      MAX_REJECTIONS_PER_SECOND,
      env,
    ),
    stampServerSpan: resolveSwitch('stampServerSpan', stampServerSpan, true, env),
    stampSpans: resolveSwitch('stampSpans', stampSpans, true, env),
    stampLogs: resolveSwitch('stampLogs', stampLogs, true, env),
    stampSessionId: resolveSwitch('stampSessionId', stampSessionId, false, env),
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
    registryUrl: exporter.registry?.url ?? 'none',
    registryTokenFile: exporter.registry?.tokenFile ?? 'none',
    registryCertificateFile: exporter.registry?.authorityFile ?? 'none',
    registryClientCertificateFile: exporter.registry?.clientCertificateFile ?? 'none',
    registryClientKeyFile: exporter.registry?.clientKeyFile ?? 'none',
    durability: exporter.durability,
    maxWaitMillis: String(exporter.limits.maxWaitMillis),
    failurePolicy: exporter.failurePolicy,
    maxBytes: exporter.limits.maxBytes === Infinity ? 'none' : String(exporter.limits.maxBytes),
    configFile: settings.configFile ?? 'none',
    subject: settings.subject,
    address: settings.address,
    trustedHops: String(settings.trustedHops),
    issuers: settings.issuers.map(({ issuer }) => issuer).join(', ') || 'none',
    roles: String(settings.roles),
    rejectionsPerSecond: String(settings.rejectionsPerSecond),
    stampServerSpan: String(settings.stampServerSpan),
    stampSpans: String(settings.stampSpans),
    stampLogs: String(settings.stampLogs),
    stampSessionId: String(settings.stampSessionId),
    endpoint: withoutCredentials(destination.url),
    headers: names.length === 0 ? 'none' : `${names.join(', ')} (values not shown)`,
    timeoutMillis: String(destination.timeoutMillis),
    compression: destination.compression,
    certificateFile: destination.certificateAuthority === undefined ? 'none' : 'given',
    clientCertificateFile: destination.clientCertificate?.certificateFile ?? 'none',
    clientKeyFile: destination.clientCertificate?.keyFile ?? 'none',
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
