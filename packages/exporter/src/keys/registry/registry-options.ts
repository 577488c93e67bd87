import type { Environment } from '../../endpoint.ts'
import type { RegistrationTask } from './registration.ts'

/** Options of whoever has its logs certified by a registry; every member may be left out. */
export interface RegistryOptions {
  /**
   * Address of the registry, e.g. `https://registry.example.com`. Default is
   * `TOKENTRAIL_REGISTRY_URL`, else none: logs certify themselves.
   */
  readonly registryUrl?: string
  /**
   * File of the token that says who this instance is, e.g. a projected service-account token. It is
   * read for every request. Default is `TOKENTRAIL_REGISTRY_TOKEN_FILE`, else none.
   */
  readonly registryTokenFile?: string
  /**
   * PEM file of the authority that the registry is trusted by. Default is
   * `TOKENTRAIL_REGISTRY_CERTIFICATE`, else the authorities of Node.js.
   */
  readonly registryCertificateFile?: string
  /**
   * PEM file of the client certificate that says who this instance is. Default is
   * `TOKENTRAIL_REGISTRY_CLIENT_CERTIFICATE`, else none.
   */
  readonly registryClientCertificateFile?: string
  /** PEM file of its key. Default is `TOKENTRAIL_REGISTRY_CLIENT_KEY`, else none. */
  readonly registryClientKeyFile?: string
}

/** How a registry is reached. */
export type RegistrySettings = Omit<RegistrationTask, 'origin' | 'publicKey' | 'signature'>

/** Names of the options. */
export const REGISTRY_OPTION_NAMES: readonly (keyof RegistryOptions)[] = [
  'registryUrl',
  'registryTokenFile',
  'registryCertificateFile',
  'registryClientCertificateFile',
  'registryClientKeyFile',
]

/**
 * Resolves how the registry is reached; `undefined` when there is none.
 *
 * @throws {TypeError} When the address is no URL, or holds a user or password.
 */
export function resolveRegistry(
  options: RegistryOptions,
  env: Environment,
): RegistrySettings | undefined {
  const url = options.registryUrl ?? (env['TOKENTRAIL_REGISTRY_URL'] || undefined)
  if (url === undefined) return undefined
  const parsed = URL.parse(url)
  if (parsed === null || !/^https?:$/.test(parsed.protocol) || parsed.username !== '') {
    const name = options.registryUrl === undefined ? 'TOKENTRAIL_REGISTRY_URL' : 'registryUrl'
    throw new TypeError(`"${name}" must be an http:// or https:// URL without user and password`)
  }
  const file = (option: string | undefined, variable: string): string | undefined =>
    option ?? (env[`TOKENTRAIL_REGISTRY_${variable}`] || undefined)
  return {
    url,
    tokenFile: file(options.registryTokenFile, 'TOKEN_FILE'),
    authorityFile: file(options.registryCertificateFile, 'CERTIFICATE'),
    clientCertificateFile: file(options.registryClientCertificateFile, 'CLIENT_CERTIFICATE'),
    clientKeyFile: file(options.registryClientKeyFile, 'CLIENT_KEY'),
  }
}
