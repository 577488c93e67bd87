import * as jose4 from './jose-4/copy.mjs'
import * as jose6 from './jose-6/copy.mjs'
import { serveOrders } from './orders.cjs'

const { FIXTURE_AUDIENCE: audience, FIXTURE_ISSUER: issuer } = process.env
const jwks = new URL(`${issuer}/jwks`)
const [oldKeys, keys] = [jose4.createRemoteJWKSet(jwks), jose6.createRemoteJWKSet(jwks)]

// As where a dependency brings a jose of its own.
serveOrders(async (token, { url }) => {
  const { payload } = await (url.startsWith('/v0/')
    ? jose4.jwtVerify(token, oldKeys, { audience, issuer })
    : jose6.jwtVerify(token, keys, { audience, issuer }))
  return payload
})
