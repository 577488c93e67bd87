import { createLocalJWKSet, jwtVerify } from 'jose'

const { FIXTURE_AUDIENCE: audience, FIXTURE_ISSUER: issuer, FIXTURE_JWKS } = process.env
const keys = createLocalJWKSet(JSON.parse(FIXTURE_JWKS))

/**
 * Decides about an `Authorization` field, for applications that differ only in their framework.
 *
 * @returns `{ subject, binding }`, or `{ status, challenge }` of the refusal.
 */
export async function authorize(header = '') {
  const token = /^(?:Bearer|DPoP) (.+)$/.exec(header)?.[1]
  if (token === undefined) return { status: 401, challenge: 'Bearer' }
  try {
    const { payload } = await jwtVerify(token, keys, { audience, issuer })
    // RFC 9449 §7.1. Whether there is a proof is not looked at here.
    if (payload.cnf?.jkt !== undefined && !header.startsWith('DPoP ')) throw new Error('bound')
    const { cnf: binding, scope, sub: subject } = payload
    if (scope.split(' ').includes('orders:read')) return { binding, subject }
    return { status: 403, challenge: 'Bearer error="insufficient_scope", scope="orders:read"' }
  } catch {
    return { status: 401, challenge: 'Bearer error="invalid_token"' }
  }
}

/** Says where an application listens. */
export function announce(port) {
  console.log('served on', port)
}
