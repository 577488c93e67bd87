'use strict'
const { createRemoteJWKSet } = require('jose/jwks/remote')
const { jwtVerify } = require('jose/jwt/verify')
const { serveOrders } = require('../orders.cjs')

const { FIXTURE_AUDIENCE: audience, FIXTURE_ISSUER: issuer } = process.env
const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`))

serveOrders(async (token) => {
  const { payload } = await jwtVerify(token, keys, { audience, issuer })
  return payload
})
