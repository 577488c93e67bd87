import { readFileSync } from 'node:fs'
import { parsePairs } from './resource.ts'
import type { Compression } from './send/compression.ts'

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Where records are delivered to, and how. */
export interface Destination {
  /** Complete URL of the OTLP/HTTP logs endpoint. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Longest that one attempt may take, in milliseconds. The attempts as a whole have no limit. */
  readonly timeoutMillis: number
  readonly compression: Compression
  /** PEM of the certificate authority to trust instead of the system's. */
  readonly certificateAuthority?: string
  /** PEM files that this client proves itself with. Read when they are used: they may be renewed. */
  readonly clientCertificate?: ClientCertificate
}

/** Paths of a client certificate and of its private key. */
export interface ClientCertificate {
  readonly certificateFile: string
  readonly keyFile: string
}

/** Members of the exporter's options that say where records go. */
export interface DestinationOptions {
  /**
   * Complete URL of the OTLP/HTTP logs endpoint, used as it is. Default is
   * `OTEL_EXPORTER_OTLP_LOGS_ENDPOINT`, else `OTEL_EXPORTER_OTLP_ENDPOINT` with `/v1/logs`
   * appended, else `http://localhost:4318/v1/logs`.
   */
  readonly endpoint?: string
  /**
   * Headers of every request, e.g. an API key. They are sent to `endpoint` and appear nowhere else.
   * Default is `OTEL_EXPORTER_OTLP_HEADERS`, overlaid by `OTEL_EXPORTER_OTLP_LOGS_HEADERS`.
   */
  readonly headers?: Readonly<Record<string, string>>
  /**
   * Longest that one attempt may take, in milliseconds, from 1 to 600000. Default is
   * `OTEL_EXPORTER_OTLP_LOGS_TIMEOUT`, else `OTEL_EXPORTER_OTLP_TIMEOUT`, else 10000.
   */
  readonly timeoutMillis?: number
  /**
   * How bodies are compressed. Default is `OTEL_EXPORTER_OTLP_LOGS_COMPRESSION`, else
   * `OTEL_EXPORTER_OTLP_COMPRESSION`, else `gzip`. `zstd` takes a third of gzip's CPU for seven
   * tenths of its bytes; a receiver that does not know it gets gzip.
   */
  readonly compression?: Compression
  /**
   * PEM file of the certificate authority that `endpoint` is trusted by. Default is
   * `OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE`, else `OTEL_EXPORTER_OTLP_CERTIFICATE`, else the
   * system's.
   */
  readonly certificateFile?: string
  /**
   * PEM file of the certificate chain that this client proves itself with (mTLS). Default is
   * `OTEL_EXPORTER_OTLP_LOGS_CLIENT_CERTIFICATE`, else `OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE`,
   * else none.
   */
  readonly clientCertificateFile?: string
  /**
   * PEM file of its private key. Default is `OTEL_EXPORTER_OTLP_LOGS_CLIENT_KEY`, else
   * `OTEL_EXPORTER_OTLP_CLIENT_KEY`, else none.
   */
  readonly clientKeyFile?: string
}

const DEFAULT_URL = 'http://localhost:4318/v1/logs'
const DEFAULT_TIMEOUT_MILLIS = 10_000
const MAX_TIMEOUT_MILLIS = 600_000
const COMPRESSIONS: readonly Compression[] = ['gzip', 'zstd', 'none']

/**
 * Resolves code → environment → default, with the variables of the OTLP exporter specification.
 *
 * @param warn - Told of settings that have no effect here or are not understood.
 * @throws {TypeError} When an endpoint, headers or a certificate file cannot be used: guessing
 *   would send records elsewhere.
 */
export function resolveDestination(
  options: DestinationOptions,
  env: Environment,
  warn: (warning: string) => void,
): Destination {
  warnAboutProtocol(env, warn)
  const authority = readAuthority(options, env)
  const client = resolveClientCertificate(options, env)
  return {
    url: resolveUrl(options, env),
    headers: resolveHeaders(options, env),
    timeoutMillis: resolveTimeout(options, env, warn),
    compression: resolveCompression(options, env, warn),
    ...(authority === undefined ? {} : { certificateAuthority: authority }),
    ...(client === undefined ? {} : { clientCertificate: client }),
  }
}

interface Setting {
  readonly name: string
  readonly value: string
}

/** The variable for logs, else the one for all signals; an empty one counts as not set. */
function otlpSetting(env: Environment, suffix: string): Setting | undefined {
  for (const name of [`OTEL_EXPORTER_OTLP_LOGS_${suffix}`, `OTEL_EXPORTER_OTLP_${suffix}`]) {
    const value = env[name]?.trim()
    if (value) return { name, value }
  }
  return undefined
}

function warnAboutProtocol(env: Environment, warn: (warning: string) => void): void {
  const protocol = otlpSetting(env, 'PROTOCOL')
  if (!protocol || /^http\/(?:json|protobuf)$/.test(protocol.value)) return
  warn(
    `${protocol.name} asks for a protocol that records are not sent by: they go as OTLP/HTTP JSON. ` +
      'Point OTEL_EXPORTER_OTLP_LOGS_ENDPOINT at an OTLP/HTTP endpoint (port 4318 by default).',
  )
}

function resolveUrl(options: DestinationOptions, env: Environment): string {
  if (options.endpoint !== undefined) return checkUrl('endpoint', options.endpoint)
  const found = otlpSetting(env, 'ENDPOINT')
  if (!found) return DEFAULT_URL
  const url = checkUrl(found.name, found.value)
  if (found.name.includes('LOGS')) return url
  const base = new URL(url)
  base.pathname = `${base.pathname.replace(/\/$/, '')}/v1/logs`
  return base.href
}

function checkUrl(name: string, value: string): string {
  const url = URL.parse(value)
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url.href
  throw new TypeError(`"${name}" must be an http:// or https:// URL`)
}

function resolveHeaders(
  options: DestinationOptions,
  env: Environment,
): Readonly<Record<string, string>> {
  if (options.headers) return checkHeaders('headers', { ...options.headers })
  const names = ['OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_EXPORTER_OTLP_LOGS_HEADERS']
  const read = (name: string) => checkHeaders(name, parsePairs(env[name] ?? '', name))
  return Object.assign({}, ...names.map(read))
}

/** Refuses what no request could be made with: every delivery would fail on it. */
function checkHeaders(
  name: string,
  headers: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  // Not imported: with every export of it comes its WebSocket, 6 MiB of memory.
  const http = process.getBuiltinModule('node:http')
  for (const [header, value] of Object.entries(headers)) {
    try {
      http.validateHeaderName(header)
      http.validateHeaderValue(header, value)
    } catch {
      throw new TypeError(
        `"${name}" must hold HTTP headers: a name or value in it has characters that none may have`,
      )
    }
  }
  return headers
}

function resolveTimeout(
  options: DestinationOptions,
  env: Environment,
  warn: (warning: string) => void,
): number {
  const { timeoutMillis } = options
  if (timeoutMillis !== undefined) {
    if (isTimeout(timeoutMillis)) return timeoutMillis
    throw new TypeError(`"timeoutMillis" must be an integer from 1 to ${MAX_TIMEOUT_MILLIS}`)
  }
  const found = otlpSetting(env, 'TIMEOUT')
  if (!found) return DEFAULT_TIMEOUT_MILLIS
  const millis = Number(found.value)
  if (isTimeout(millis)) return millis
  warn(
    `${found.name} must be milliseconds from 1 to ${MAX_TIMEOUT_MILLIS}; ` +
      `${DEFAULT_TIMEOUT_MILLIS} is used instead.`,
  )
  return DEFAULT_TIMEOUT_MILLIS
}

function isTimeout(millis: number): boolean {
  return Number.isInteger(millis) && millis >= 1 && millis <= MAX_TIMEOUT_MILLIS
}

function resolveCompression(
  options: DestinationOptions,
  env: Environment,
  warn: (warning: string) => void,
): Compression {
  if (options.compression !== undefined) return options.compression
  const found = otlpSetting(env, 'COMPRESSION')
  const known = COMPRESSIONS.find((name) => name === (found?.value ?? 'gzip'))
  if (!known) warn(`${found?.name} must be gzip, zstd or none; gzip is used instead.`)
  return known ?? 'gzip'
}

function readAuthority(options: DestinationOptions, env: Environment): string | undefined {
  const found = otlpSetting(env, 'CERTIFICATE')
  const path = options.certificateFile ?? found?.value
  if (path === undefined) return undefined
  const name = options.certificateFile === undefined ? found?.name : 'certificateFile'
  const pem = readText(path)
  // Without one in it Node would trust nobody, and say so only of every single delivery.
  if (pem?.includes('-----BEGIN CERTIFICATE-----')) return pem
  throw new TypeError(`"${name}" must name a readable PEM file of a certificate (${path} is not)`)
}

function resolveClientCertificate(
  options: DestinationOptions,
  env: Environment,
): ClientCertificate | undefined {
  const certificate = fileSetting('clientCertificateFile', options, env, 'CLIENT_CERTIFICATE')
  const key = fileSetting('clientKeyFile', options, env, 'CLIENT_KEY')
  if (certificate === undefined && key === undefined) return undefined
  if (certificate === undefined || key === undefined) {
    const [given, missing] = certificate
      ? [certificate.name, 'CLIENT_KEY']
      : [key?.name, 'CLIENT_CERTIFICATE']
    throw new TypeError(`"${given}" needs OTEL_EXPORTER_OTLP_${missing} as well`)
  }
  checkPem(certificate, '-----BEGIN CERTIFICATE-----', 'a certificate')
  checkPem(key, 'PRIVATE KEY-----', 'a private key')
  return { certificateFile: certificate.value, keyFile: key.value }
}

function fileSetting(
  name: 'clientCertificateFile' | 'clientKeyFile',
  options: DestinationOptions,
  env: Environment,
  suffix: string,
): Setting | undefined {
  const value = options[name]
  return value === undefined ? otlpSetting(env, suffix) : { name, value }
}

function checkPem({ name, value }: Setting, mark: string, what: string): void {
  if (readText(value)?.includes(mark)) return
  throw new TypeError(`"${name}" must name a readable PEM file of ${what} (${value} is not)`)
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
