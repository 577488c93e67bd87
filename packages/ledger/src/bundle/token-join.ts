/** Type of the record that tells a token's facts, once per token and log. */
export const TOKEN_TYPE = 'oauth.token.observed'

const FINGERPRINT = 'oauth.token.fingerprint'

/** The fingerprint of the token that a record is about, which joins it to the token's facts. */
export function readFingerprint(text: string): string | undefined {
  const { attributes } = JSON.parse(text) as { readonly attributes?: unknown }
  if (typeof attributes !== 'object' || attributes === null) return undefined
  const fingerprint = (attributes as { readonly [name: string]: unknown })[FINGERPRINT]
  return typeof fingerprint === 'string' ? fingerprint : undefined
}
