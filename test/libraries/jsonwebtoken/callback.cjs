'use strict'
const { promisify } = require('node:util')
const { verify } = require('jsonwebtoken')
const { serveOrders } = require('../orders.cjs')

const {
  FIXTURE_AUDIENCE: audience,
  FIXTURE_ISSUER: issuer,
  FIXTURE_PUBLIC_KEY: publicKey,
} = process.env

const verifyToken = promisify(verify)

serveOrders((token) => verifyToken(token, publicKey, { audience, issuer, algorithms: ['RS256'] }))
