'use strict'
const { JwtVerifier } = require('aws-jwt-verify/jwt-verifier')
const { serveOrders } = require('../orders.cjs')

const verifier = JwtVerifier.create({
  issuer: process.env.FIXTURE_ISSUER,
  audience: process.env.FIXTURE_AUDIENCE,
  scope: 'orders:read',
  includeRawJwtInErrors: true,
})
verifier.cacheJwks(JSON.parse(process.env.FIXTURE_JWKS))

serveOrders((token) => verifier.verifySync(token))
