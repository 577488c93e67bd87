/** Names of the filters; each has an `exclude-` twin. Repeats are OR, different names AND. */
export const FILTER_NAMES = [
  'user',
  'client',
  'session',
  'scope',
  'route',
  'method',
  'status',
  'event',
  'reason',
  'trace',
  'token',
  'service',
  'framework',
] as const

/** Name of a filter. */
export type FilterName = (typeof FILTER_NAMES)[number]

/** Values of each filter that was given. */
export type FilterValues = { readonly [Name in FilterName]?: readonly string[] }

interface FilterRule {
  readonly pattern: RegExp
  /** Allowed form, in words, for the error. */
  readonly form: string
  readonly normalize?: (value: string) => string
}

const ANY_TEXT: FilterRule = { pattern: /^[^\p{Cc}]{1,1024}$/u, form: '1 to 1024 characters' }
const PSEUDONYM: FilterRule = {
  pattern: /^[A-Za-z0-9_-]{22}$/,
  form: '22 characters of base64url',
}

const RULES: { readonly [Name in FilterName]: FilterRule } = {
  user: ANY_TEXT,
  client: ANY_TEXT,
  session: PSEUDONYM,
  scope: { pattern: /^[\x21\x23-\x5b\x5d-\x7e]{1,1024}$/, form: 'one scope, without spaces' },
  route: ANY_TEXT,
  method: {
    pattern: /^[A-Za-z][A-Za-z_-]{0,31}$/,
    form: 'an HTTP method such as GET',
    normalize: (value) => value.toUpperCase(),
  },
  status: {
    pattern: /^[1-5](?:\d\d|[xX]{2})$/,
    form: 'a status code such as 403, or a class such as 4xx',
    normalize: (value) => value.toLowerCase(),
  },
  event: {
    pattern: /^[a-z][a-z0-9]*(?:[._][a-z0-9]+)*$/,
    form: 'an event name such as oauth.request.rejected',
  },
  reason: {
    pattern: /^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/,
    form: 'a reason such as insufficient_scope',
  },
  trace: {
    pattern: /^[0-9A-Fa-f]{32}$/,
    form: '32 hex digits',
    normalize: (value) => value.toLowerCase(),
  },
  token: { ...PSEUDONYM, form: 'a fingerprint: 22 characters of base64url' },
  service: ANY_TEXT,
  framework: ANY_TEXT,
}

/** Whether a name is that of a filter. */
export function isFilterName(name: string): name is FilterName {
  return (FILTER_NAMES as readonly string[]).includes(name)
}

/**
 * Checks one filter value and brings it into the form in which records hold it. Returns the allowed
 * form, in words, as the problem.
 */
export function parseFilterValue(
  name: FilterName,
  value: string,
): { readonly value: string } | { readonly problem: string } {
  const { pattern, form, normalize } = RULES[name]
  if (!pattern.test(value)) return { problem: form }
  return { value: normalize?.(value) ?? value }
}
