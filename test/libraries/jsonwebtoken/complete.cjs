'use strict'
const jwt = require('jsonwebtoken')
const { serveOrders } = require('../orders.cjs')

const {
  FIXTURE_AUDIENCE: audience,
  FIXTURE_ISSUER: issuer,
  FIXTURE_PUBLIC_KEY: publicKey,
} = process.env

serveOrders((token) => jwt.verify(token, publicKey, { audience, issuer, complete: true }).payload)
