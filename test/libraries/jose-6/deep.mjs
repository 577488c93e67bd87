import { createRemoteJWKSet } from 'jose/jwks/remote'
import { jwtVerify } from 'jose/jwt/verify'
import { serveOrders } from '../orders.cjs'

const { FIXTURE_AUDIENCE: audience, FIXTURE_ISSUER: issuer } = process.env
const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`))

serveOrders(async (token) => {
  const { payload } = await jwtVerify(token, keys, { audience, issuer })
  return payload
})
