import OktaJwtVerifier from '@okta/jwt-verifier'
import { serveOrders } from '../orders.cjs'

const verifier = new OktaJwtVerifier({
  issuer: process.env.FIXTURE_ISSUER,
  // The issuer is on this machine.
  testing: { disableHttpsCheck: true },
})

serveOrders(async (token) => {
  const { claims } = await verifier.verifyAccessToken(token, process.env.FIXTURE_AUDIENCE)
  return claims
})
