import { readField, type ServedRequest } from './served.ts'

/**
 * How an OAuth access token was presented: by a scheme of `Authorization` (RFC 6750 §2.1, RFC 9449
 * §7.1), or as the query parameter `access_token` (RFC 6750 §2.3).
 */
type TokenScheme = 'bearer' | 'dpop' | 'query'

/** The token that a request presents. */
export interface PresentedToken {
  readonly scheme: TokenScheme
  /** The token as it was sent, not checked in any way; a secret. */
  readonly token: string
}

/** Longest token of a query that is looked at; Node's own default for all headers together. */
const MAX_TOKEN_LENGTH = 16_384

const SCHEME = /^(bearer|dpop)[ \t]+/i

/** RFC 6750 §2.3. */
const QUERY_PARAMETER = 'access_token='

/**
 * Finds the token of a request: that of `Authorization`, and without one that of the query. A form
 * body (RFC 6750 §2.2) is never read.
 */
export function findPresentedToken(request: ServedRequest): PresentedToken | undefined {
  return parseAuthorization(readField(request, 'authorization')) ?? parseQueryToken(request.url)
}

/**
 * Reads the `access_token` parameter of a request target. The target itself is never kept.
 *
 * @returns Undefined when there is none, more than one (RFC 6749 §3.1 forbids that), or one that is
 *   not a token: the characters of RFC 6750 §2.1, up to 16,384.
 */
export function parseQueryToken(target: string | undefined): PresentedToken | undefined {
  if (target === undefined) return undefined
  const start = target.indexOf(QUERY_PARAMETER)
  // Most targets end here; a longer one than any header is not worth the search.
  if (start === -1 || target.length > 4 * MAX_TOKEN_LENGTH) return undefined
  const query = target.indexOf('?')
  if (query === -1 || start < query) return undefined
  const end = target.indexOf('#')
  const parameters = target.slice(query + 1, end === -1 ? undefined : end).split('&')
  const found = parameters.filter((parameter) => parameter.startsWith(QUERY_PARAMETER))
  const token = decode(found[0]?.slice(QUERY_PARAMETER.length) ?? '')
  if (found.length !== 1 || token.length > MAX_TOKEN_LENGTH || !B64TOKEN.test(token))
    return undefined
  return { scheme: 'query', token }
}

/** RFC 6750 §2.1. */
const B64TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/

function decode(text: string): string {
  try {
    return text.includes('%') ? decodeURIComponent(text) : text
  } catch {
    return ''
  }
}

/**
 * Reads the token of an `Authorization` header (RFC 9110 §11.6.2): what follows the scheme up to a
 * space or comma; anything behind that is for the application to refuse. Other schemes carry no
 * token. Its length is bounded by the server's `maxHeaderSize`, which an operator may have raised:
 * a request with a token of any length leaves a record.
 *
 * @returns Undefined when there is no token.
 */
export function parseAuthorization(header: string | undefined): PresentedToken | undefined {
  if (header === undefined) return undefined
  const match = SCHEME.exec(header)
  if (match === null) return undefined
  const token = cutAtDelimiter(header.slice(match[0].length))
  if (token === '') return undefined
  return { scheme: match[1]?.toLowerCase() === 'dpop' ? 'dpop' : 'bearer', token }
}

/** Three searches for one character each are several times faster than one for a class. */
function cutAtDelimiter(text: string): string {
  let token = text
  for (const delimiter of [' ', ',', '\t']) {
    const end = token.indexOf(delimiter)
    if (end !== -1) token = token.slice(0, end)
  }
  return token
}
