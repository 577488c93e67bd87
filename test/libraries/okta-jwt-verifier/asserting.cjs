'use strict'
const OktaJwtVerifier = require('@okta/jwt-verifier')
const { serveOrders } = require('../orders.cjs')

const verifier = new OktaJwtVerifier({
  issuer: process.env.FIXTURE_ISSUER,
  assertClaims: { 'scope.includes': ['orders:read'] },
  testing: { disableHttpsCheck: true },
})

serveOrders(async (token) => {
  const { claims } = await verifier.verifyAccessToken(token, [process.env.FIXTURE_AUDIENCE])
  return claims
})
