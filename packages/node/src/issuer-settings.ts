import type { IssuerOptions } from '@tokentrail/instrumentation'
import { PROFILE_NAMES, type IssuerClaims } from '@tokentrail/session'

/**
 * What an operator says of one issuer: how its tokens are verified beside the application, and how
 * they name things.
 */
export interface IssuerSetting extends IssuerOptions, IssuerClaims {
  /**
   * Whether the recorder verifies its tokens. Default is true; with false only `profile`, `tenant`
   * and `roles` count.
   */
  readonly verify?: boolean
}

/** A member of the file that is not what it may be. */
export class IssuerProblem extends Error {
  override readonly name: string = 'IssuerProblem'
  /** Where it stands, e.g. `issuers[0].audience`. */
  readonly path: string
  constructor(path: string, expected: string) {
    super(`${path} must be ${expected}`)
    this.path = path
  }
}

const MAX_ISSUERS = 100
const MAX_AUDIENCES = 32
const KNOWN = {
  issuer: 'issuer verify jwks_uri audience introspection profile tenant roles'.split(' '),
  introspection: ['endpoint', 'client_id', 'client_secret_file'],
}

type Members = { readonly [name: string]: unknown }

/**
 * Checks the member `issuers` of `tokentrail.yaml`.
 *
 * ```yaml
 * issuers:
 *   - issuer: https://sso.example.com/realms/shop
 *     jwks_uri: https://sso.example.com/keys # else from its metadata
 *     audience: orders-api # or a list
 *     introspection:
 *       endpoint: https://sso.example.com/introspect # else from its metadata
 *       client_id: tokentrail
 *       client_secret_file: /run/secrets/tokentrail-client
 *     profile: keycloak # else by the form of the issuer
 *     tenant: organization.id
 *     roles: resource_access.orders-api.roles
 *     verify: true
 * ```
 *
 * @throws {IssuerProblem} Naming the path and what may stand there.
 */
export function parseIssuers(value: unknown): readonly IssuerSetting[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value) || value.length > MAX_ISSUERS) {
    throw new IssuerProblem('issuers', `a list of at most ${MAX_ISSUERS}`)
  }
  const issuers = value.map((each, index) => parseIssuer(each, `issuers[${index}]`))
  for (const [index, { issuer }] of issuers.entries()) {
    if (issuers.findIndex((other) => other.issuer === issuer) === index) continue
    throw new IssuerProblem(`issuers[${index}].issuer`, 'named once')
  }
  return issuers
}

function parseIssuer(value: unknown, path: string): IssuerSetting {
  const members = readMembers(value, path, KNOWN.issuer)
  const issuer = readUrl(members, 'issuer', path)
  if (issuer === undefined) throw new IssuerProblem(`${path}.issuer`, 'an https URL')
  const { introspection } = members
  return {
    issuer,
    ...optional('verify', readBoolean(members, 'verify', path)),
    ...optional('jwksUri', readUrl(members, 'jwks_uri', path)),
    ...optional('audience', readAudience(members['audience'], `${path}.audience`)),
    ...optional('profile', readProfile(members['profile'], `${path}.profile`)),
    ...optional('tenant', readText(members, 'tenant', path)),
    ...optional('roles', readText(members, 'roles', path)),
    ...(introspection === undefined
      ? {}
      : { introspection: parseIntrospection(introspection, `${path}.introspection`) }),
  }
}

function parseIntrospection(
  value: unknown,
  path: string,
): NonNullable<IssuerOptions['introspection']> {
  const members = readMembers(value, path, KNOWN.introspection)
  const clientId = readText(members, 'client_id', path)
  const clientSecretFile = readText(members, 'client_secret_file', path)
  if (clientId === undefined) throw new IssuerProblem(`${path}.client_id`, 'the id of a client')
  if (clientSecretFile === undefined) {
    throw new IssuerProblem(`${path}.client_secret_file`, 'the file of its secret')
  }
  return {
    clientId,
    clientSecretFile,
    ...optional('endpoint', readUrl(members, 'endpoint', path)),
  }
}

function readMembers(value: unknown, path: string, known: readonly string[]): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new IssuerProblem(path, `a mapping with ${known.join(', ')}`)
  }
  const unknown = Object.keys(value).find((name) => !known.includes(name))
  if (unknown === undefined) return value as Members
  const place = `${path}.${JSON.stringify(unknown.slice(0, 64))}`
  throw new IssuerProblem(place, `removed: known here are ${known.join(', ')}`)
}

function readText(members: Members, name: string, path: string): string | undefined {
  const value = members[name]
  if (value === undefined) return undefined
  if (typeof value === 'string' && value !== '' && value.length <= 1_024) return value
  throw new IssuerProblem(`${path}.${name}`, 'a text')
}

function readUrl(members: Members, name: string, path: string): string | undefined {
  const value = readText(members, name, path)
  if (value === undefined || isIssuerUrl(value)) return value
  throw new IssuerProblem(`${path}.${name}`, 'an https URL without user, password and fragment')
}

function readBoolean(members: Members, name: string, path: string): boolean | undefined {
  const value = members[name]
  if (value === undefined || typeof value === 'boolean') return value
  throw new IssuerProblem(`${path}.${name}`, 'true or false')
}

function readAudience(value: unknown, path: string): readonly string[] | undefined {
  if (value === undefined) return undefined
  const audiences: readonly unknown[] = Array.isArray(value) ? value : [value]
  const isListed = audiences.length > 0 && audiences.length <= MAX_AUDIENCES
  const texts = audiences.filter((each) => typeof each === 'string' && each !== '')
  if (isListed && texts.length === audiences.length) return texts as readonly string[]
  throw new IssuerProblem(path, `a text or a list of at most ${MAX_AUDIENCES}`)
}

function readProfile(value: unknown, path: string): string | undefined {
  if (value === undefined || PROFILE_NAMES.some((name) => name === value)) return value as string
  throw new IssuerProblem(path, `one of ${PROFILE_NAMES.join(', ')}`)
}

/** Whether a text may be an issuer: a URL that holds no credential. */
export function isIssuerUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { hash, password, protocol, username } = new URL(text)
  return /^https?:$/.test(protocol) && hash === '' && username === '' && password === ''
}

function optional<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { readonly [Key in Name]?: Value } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [Key in Name]: Value })
}
