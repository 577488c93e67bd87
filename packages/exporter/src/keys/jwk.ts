import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto'

/** A private Ed25519 JWK (RFC 8037), as it stands in a key file. */
export interface SigningJwk {
  readonly kty: 'OKP'
  readonly crv: 'Ed25519'
  readonly x: string
  /** The secret. */
  readonly d: string
  /** RFC 7638 thumbprint. */
  readonly kid: string
  /** Certificate of an issuing key by the root: `typ: issuer-cert+jwt`. Absent for a root. */
  readonly certificate?: string
}

/** A secret JWK of pseudonyms, as it stands in a key file. */
export interface PseudonymJwk {
  readonly kty: 'oct'
  /** The secret, 32 bytes. */
  readonly k: string
  readonly kid: string
  readonly epoch: number
}

/** Least length of a pseudonym key. */
export const MIN_SECRET_BYTES = 32

/** Generates an Ed25519 key. */
export function generateSigningJwk(): SigningJwk {
  const { x = '', d = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })
  return { kty: 'OKP', crv: 'Ed25519', x, d, kid: thumbprint(x) }
}

/** Generates a pseudonym key. */
export function generatePseudonymJwk(epoch = 1): PseudonymJwk {
  return {
    kty: 'oct',
    k: randomBytes(MIN_SECRET_BYTES).toString('base64url'),
    kid: randomBytes(12).toString('base64url'),
    epoch,
  }
}

/** RFC 7638 thumbprint of an Ed25519 key: its required members in lexical order. */
export function thumbprint(x: string): string {
  const members = JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x })
  return createHash('sha256').update(members).digest('base64url')
}
