import { canonicalize } from '@tokentrail/ledger'
import { SessionError } from '../errors.ts'
import { parsePattern } from './route-pattern.ts'

/** One rule of the policy. */
export interface PolicyRoute {
  /** Pattern of routes: `*` stands for one segment, `**` at the end for any number of them. */
  readonly match: string
  /** Methods that the rule is for, upper case; absent = every method. */
  readonly methods?: readonly string[]
  /** Frameworks that a matching record is evidence for, sorted. */
  readonly frameworks: readonly string[]
}

/** What `tokentrail.yaml` says, checked. */
export interface Policy {
  readonly routes: readonly PolicyRoute[]
  /** What holds where no route matches. */
  readonly default: { readonly frameworks: readonly string[] }
}

/** A hash as a parameter: SHA-256 of the UTF-8 bytes of `data`, as base64url without padding. */
export interface Hash {
  (data: string): string
}

const FRAMEWORK = /^[a-z0-9][a-z0-9._-]{0,63}$/
const METHOD = /^[A-Z]{1,32}$/
const MAX_ROUTES = 1_000
const MAX_LISTED = 32

/**
 * Checks the parsed content of `tokentrail.yaml`. An empty file (null) is the empty policy.
 *
 * ```yaml
 * routes:
 *   - match: /v1/patients/**
 *     methods: [GET, POST]
 *     frameworks: [hipaa, soc2]
 * default:
 *   frameworks: []
 * ```
 *
 * @param value - What a YAML or JSON parser returned; never changed.
 * @throws {@link SessionError} `ERR_SESSION_POLICY_INVALID`, naming the path
 *   (`routes[2].frameworks`), what stands there and what may.
 */
export function parsePolicy(value: unknown): Policy {
  const members = readMembers(value ?? {}, '', ['routes', 'default'])
  const routes = readList(members.get('routes') ?? [], 'routes', MAX_ROUTES).map(parseRoute)
  const fallback = readMembers(members.get('default') ?? {}, 'default', ['frameworks'])
  return Object.freeze({
    routes: Object.freeze(routes),
    default: Object.freeze({
      frameworks: parseFrameworks(fallback.get('frameworks') ?? [], 'default.frameworks'),
    }),
  })
}

/**
 * Gives the version of a policy: the hash of its canonical JSON, so that two spellings of the same
 * policy have one version (`tokentrail.policy.version`).
 */
export function policyVersion(policy: Policy, hash: Hash): string {
  return `sha256:${hash(canonicalize(policy))}`
}

function parseRoute(value: unknown, index: number): PolicyRoute {
  const path = `routes[${index}]`
  const members = readMembers(value, path, ['match', 'methods', 'frameworks'])
  const match = members.get('match')
  if (typeof match !== 'string' || parsePattern(match) === undefined) {
    const patterns =
      'a path like "/v1/orders/**": from "/", "*" for one segment, "**" only as the last'
    throw invalid(`${path}.match`, match, patterns)
  }
  const methods = members.get('methods')
  return Object.freeze({
    match,
    ...(methods === undefined ? {} : { methods: parseMethods(methods, `${path}.methods`) }),
    frameworks: parseFrameworks(members.get('frameworks'), `${path}.frameworks`),
  })
}

function parseMethods(value: unknown, path: string): readonly string[] {
  return parseNames(value, path, METHOD, 'a method in upper case, e.g. GET')
}

function parseFrameworks(value: unknown, path: string): readonly string[] {
  return parseNames(value, path, FRAMEWORK, 'a name like hipaa: lower case, digits, ".", "_", "-"')
}

function parseNames(
  value: unknown,
  path: string,
  form: RegExp,
  expected: string,
): readonly string[] {
  const names = readList(value, path, MAX_LISTED).map((name, index) => {
    if (typeof name === 'string' && form.test(name)) return name
    throw invalid(`${path}[${index}]`, name, expected)
  })
  return Object.freeze([...new Set(names)].sort())
}

function readList(value: unknown, path: string, maxElements: number): readonly unknown[] {
  if (Array.isArray(value) && value.length <= maxElements) return value
  throw invalid(path, value, `a list of at most ${maxElements}`)
}

function readMembers(
  value: unknown,
  path: string,
  known: readonly string[],
): ReadonlyMap<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(path === '' ? 'the policy' : path, value, `a mapping with ${known.join(', ')}`)
  }
  for (const [name, member] of Object.entries(value)) {
    if (known.includes(name)) continue
    const place = path === '' ? show(name) : `${path}.${show(name)}`
    throw invalid(place, member, `removed: known here are ${known.join(', ')}`)
  }
  return new Map(Object.entries(value))
}

function invalid(path: string, value: unknown, expected: string): SessionError {
  return new SessionError(
    'ERR_SESSION_POLICY_INVALID',
    `policy: ${path} is ${describe(value)}; it must be ${expected}`,
  )
}

function describe(value: unknown): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'empty'
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'string') return show(value)
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : 'a mapping'
}

function show(text: string): string {
  return JSON.stringify(text.length > 64 ? `${text.slice(0, 64)}…` : text)
}
