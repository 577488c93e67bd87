/** Schemes whose credential is an OAuth access token: RFC 6750 §2.1, RFC 9449 §7.1. */
export type TokenScheme = 'bearer' | 'dpop'

/** The token of an `Authorization` header. */
export interface PresentedToken {
  readonly scheme: TokenScheme
  /** The token as it was sent, not checked in any way; a secret. */
  readonly token: string
}

/** Longest token that is looked at; Node's own default for all headers together. */
const MAX_TOKEN_LENGTH = 16_384

/** `auth-scheme 1*SP token`; what follows the token is for the application to refuse. */
const CREDENTIALS = /^(bearer|dpop)[ \t]+([^\s,]+)/i

/**
 * Reads the token of an `Authorization` header (RFC 9110 §11.6.2). Other schemes carry no token.
 * Query and form parameters (RFC 6750 §2.2, §2.3) are never read.
 *
 * @returns Undefined when there is no token, or one of more than 16,384 characters.
 */
export function parseAuthorization(header: string | undefined): PresentedToken | undefined {
  if (header === undefined || header.length > MAX_TOKEN_LENGTH + 16) return undefined
  const match = CREDENTIALS.exec(header)
  const token = match?.[2]
  if (match === null || token === undefined || token.length > MAX_TOKEN_LENGTH) return undefined
  return { scheme: match[1]?.toLowerCase() === 'dpop' ? 'dpop' : 'bearer', token }
}
