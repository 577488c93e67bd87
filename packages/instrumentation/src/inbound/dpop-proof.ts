/** Longest proof that is looked into; one has about 700 characters. */
const MAX_LENGTH = 8_192
const MAX_ID_LENGTH = 256

/**
 * Reads the `jti` of a DPoP proof (RFC 9449 §4.2), by which a proof that comes twice is known.
 * Nobody has verified it: it is good for comparing, and for nothing else.
 */
export function readProofId(proof: string): string | undefined {
  const [, payload, signature, more] = proof.length > MAX_LENGTH ? [] : proof.split('.', 4)
  if (payload === undefined || signature === undefined || more !== undefined) return undefined
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'))
    const id = (claims as { readonly jti?: unknown } | null)?.jti
    const isUsable = typeof id === 'string' && id !== '' && id.length <= MAX_ID_LENGTH
    return isUsable ? id : undefined
  } catch {
    return undefined
  }
}
