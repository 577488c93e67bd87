import { isObject } from '../libraries/claims.ts'

/** What a token looks like, before anybody has verified it. */
export interface TokenForm {
  /** Whether it has the form of a signed JWT (RFC 7515 §3.1). */
  readonly isJwt: boolean
  /** Issuer that a JWT claims to be of. */
  readonly claimedIssuer?: string
}

const OPAQUE: TokenForm = { isJwt: false }

/**
 * Reads which issuer a JWT claims to be of, to find the keys that can prove it. It is what whoever
 * sent the token wrote: it chooses among issuers that an operator has named, and goes nowhere
 * else.
 */
export function readTokenForm(token: string): TokenForm {
  const [header, payload, signature, more] = token.split('.', 4)
  if (header === undefined || payload === undefined) return OPAQUE
  if (signature === undefined || more !== undefined) return OPAQUE
  const claims = parse(payload)
  if (!isObject(parse(header)) || !isObject(claims)) return OPAQUE
  const { iss } = claims
  return typeof iss === 'string' ? { isJwt: true, claimedIssuer: iss } : { isJwt: true }
}

function parse(segment: string): unknown {
  try {
    return JSON.parse(Buffer.from(segment, 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
}
