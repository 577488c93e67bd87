import { compactVerify, createLocalJWKSet } from 'jose'
import { serveOrders } from '../orders.cjs'

const { FIXTURE_AUDIENCE, FIXTURE_ISSUER, FIXTURE_JWKS } = process.env
const keys = createLocalJWKSet(JSON.parse(FIXTURE_JWKS))

// The signature is the library's, the claims are the application's.
serveOrders(async (token) => {
  const { payload } = await compactVerify(token, keys)
  const claims = JSON.parse(new TextDecoder().decode(payload))
  const now = Date.now() / 1_000
  const good =
    claims.iss === FIXTURE_ISSUER &&
    claims.aud === FIXTURE_AUDIENCE &&
    claims.exp > now &&
    !(claims.nbf > now)
  if (!good) throw new Error('Not a token for this API')
  return claims
})
