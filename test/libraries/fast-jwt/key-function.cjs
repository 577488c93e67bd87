'use strict'
const { createPublicKey } = require('node:crypto')
const { createVerifier } = require('fast-jwt')
const { serveOrders } = require('../orders.cjs')

const { keys } = JSON.parse(process.env.FIXTURE_JWKS)

/** The words of get-jwks, with which most key functions are made. */
class UnknownKeyError extends Error {
  code = 'JWK_NOT_FOUND'
}

const verify = createVerifier({
  key: async ({ header }) => {
    const key = keys.find(({ kid }) => kid === header.kid)
    if (key === undefined) throw new UnknownKeyError('No matching JWK found in the set.')
    return createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' })
  },
  allowedIss: process.env.FIXTURE_ISSUER,
  allowedAud: [process.env.FIXTURE_AUDIENCE],
  complete: true,
})

serveOrders(async (token) => (await verify(token)).payload)
