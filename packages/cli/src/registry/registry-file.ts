import { dirname, resolve } from 'node:path'
import { loadSigningKey } from '@tokentrail/exporter'
import { LedgerError, parseTlogPolicy, type TlogPolicy } from '@tokentrail/ledger'
import type { InstanceRule, RegistryConfiguration, RegistryListener } from '@tokentrail/viewer'
import { CliError, type CliErrorCode } from '../errors.ts'
import { keySetPaths, readKeyJson } from '../keys/key-set.ts'
import { readNamedFile } from '../named-file.ts'
import { readRootKeys } from '../root-keys.ts'
import { createIdentify, type TokenTrust } from './identify.ts'

/** A registry, and the roots of the logs that it certifies. */
export interface DescribedRegistry {
  readonly registry: RegistryConfiguration
  readonly roots: ReturnType<typeof readRootKeys>
}

type Json = Readonly<Record<string, unknown>>

const NAMES = ['keys', 'store', 'listen', 'tokens', 'instances', 'policy', 'timestamps']
const LISTEN_NAMES = ['host', 'port', 'certificate', 'key', 'clientAuthorities']
const TOKEN_NAMES = ['issuer', 'audience', 'jwks']
const INSTANCE_NAMES = ['subject', 'services', 'slots']

/**
 * Reads the file that describes a registry (JSON); paths in it are relative to its folder.
 *
 * @throws {CliError} `ERR_CLI_INPUT` naming the file, the member and what it must be
 */
export function readRegistryFile(file: string): DescribedRegistry {
  const reader = new MemberReader(file)
  const root = reader.object(reader.read(), '', NAMES)
  const keys = keySetPaths(reader.path(root['keys'], 'keys'))
  const tokens = root['tokens'] === undefined ? undefined : readTokens(reader, root['tokens'])
  const timestamps = reader.texts(root['timestamps'] ?? [], 'timestamps')
  const policy = root['policy'] === undefined ? undefined : reader.path(root['policy'], 'policy')
  const listener = readListener(reader, root['listen'] ?? {})
  const registry = {
    path: reader.path(root['store'], 'store'),
    key: readRegistryKey(keys.registry),
    issuer: loadSigningKey(keys.instance),
    rules: readRules(reader, root['instances']),
    identify: createIdentify(tokens, listener.tls?.clientAuthorities !== undefined),
    listener,
    ...(policy !== undefined && {
      policy: readPolicyFile(`${file}: policy`, policy, 'ERR_CLI_INPUT'),
    }),
    timestampUrls: timestamps.map((url) => reader.url(url, 'timestamps')),
  }
  return { registry, roots: readRootKeys([keys.root], `${file}: keys`) }
}

/**
 * Reads a C2SP tlog-policy.
 *
 * @param by - What names the file.
 * @param code - Of an unreadable one. Default is `ERR_CLI_USAGE`.
 * @throws {CliError} Naming the file and what is wrong with it; `ERR_CLI_INPUT` for its content
 */
export function readPolicyFile(by: string, file: string, code?: CliErrorCode): TlogPolicy {
  const text = readNamedFile(by, file, code)
  try {
    return parseTlogPolicy(text)
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error
    throw new CliError('ERR_CLI_INPUT', `${by} ${file}: ${error.message}`)
  }
}

function readRegistryKey(file: string): RegistryConfiguration['key'] {
  const { origin, d, certificate } = readKeyJson(file)
  if (typeof origin === 'string' && typeof d === 'string' && typeof certificate === 'string') {
    return { origin, d, certificate }
  }
  throw new CliError(
    'ERR_CLI_INPUT',
    `${file} is no registry key; "tokentrail keys init" makes one`,
  )
}

function readListener(reader: MemberReader, value: unknown): RegistryListener {
  const listen = reader.object(value, 'listen', LISTEN_NAMES)
  const { host, port, certificate, key, clientAuthorities } = listen
  const pem = (member: unknown, name: string): string =>
    reader.content(`listen.${name}`, reader.path(member, `listen.${name}`))
  return {
    ...(host !== undefined && { host: reader.text(host, 'listen.host') }),
    ...(port !== undefined && { port: reader.port(port, 'listen.port') }),
    ...(certificate !== undefined && {
      tls: {
        certificate: pem(certificate, 'certificate'),
        key: pem(key, 'key'),
        ...(clientAuthorities !== undefined && {
          clientAuthorities: pem(clientAuthorities, 'clientAuthorities'),
        }),
      },
    }),
  }
}

function readTokens(reader: MemberReader, value: unknown): TokenTrust {
  const tokens = reader.object(value, 'tokens', TOKEN_NAMES)
  const jwks = reader.text(tokens['jwks'], 'tokens.jwks')
  return {
    issuer: reader.text(tokens['issuer'], 'tokens.issuer'),
    audience: reader.text(tokens['audience'], 'tokens.audience'),
    jwks: /^https?:/.test(jwks)
      ? reader.url(jwks, 'tokens.jwks')
      : reader.path(jwks, 'tokens.jwks'),
  }
}

function readRules(reader: MemberReader, value: unknown): readonly InstanceRule[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw reader.wrong('instances', 'a list of who may have which logs')
  }
  return value.map((item, at) => {
    const place = `instances[${at}]`
    const rule = reader.object(item, place, INSTANCE_NAMES)
    return {
      subject: reader.text(rule['subject'], `${place}.subject`),
      services: reader.texts(rule['services'], `${place}.services`),
      slots: reader.texts(rule['slots'], `${place}.slots`),
    }
  })
}

/** Reads members of the file, and says what is wrong with which. */
class MemberReader {
  readonly #file: string

  constructor(file: string) {
    this.#file = file
  }

  read(): unknown {
    const text = readNamedFile('--registry', this.#file)
    try {
      return JSON.parse(text) as unknown
    } catch {
      throw new CliError('ERR_CLI_INPUT', `${this.#file} is not JSON`)
    }
  }

  content(place: string, file: string): string {
    return readNamedFile(`${this.#file}: ${place}`, file, 'ERR_CLI_INPUT')
  }

  object(value: unknown, place: string, names: readonly string[]): Json {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw this.wrong(place === '' ? 'it' : place, 'an object')
    }
    const unknown = Object.keys(value).find((name) => !names.includes(name))
    if (unknown !== undefined) {
      const member = place === '' ? unknown : `${place}.${unknown}`
      throw this.wrong(member, `left out: there are ${names.join(', ')}`)
    }
    return value as Json
  }

  text(value: unknown, place: string): string {
    if (typeof value === 'string' && value !== '') return value
    throw this.wrong(place, 'a text')
  }

  texts(value: unknown, place: string): readonly string[] {
    if (!Array.isArray(value)) throw this.wrong(place, 'a list of texts')
    return value.map((item) => this.text(item, place))
  }

  path(value: unknown, place: string): string {
    return resolve(dirname(this.#file), this.text(value, place))
  }

  url(value: string, place: string): string {
    const url = URL.parse(value)
    if (url !== null && /^https?:$/.test(url.protocol) && url.username === '') return value
    throw this.wrong(place, 'an http:// or https:// URL without user and password')
  }

  port(value: unknown, place: string): number {
    if (Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 65_535)
      return Number(value)
    throw this.wrong(place, 'a number from 0 to 65535')
  }

  wrong(place: string, wanted: string): CliError {
    return new CliError('ERR_CLI_INPUT', `${this.#file}: ${place} must be ${wanted}`)
  }
}
