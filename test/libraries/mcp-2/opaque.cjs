'use strict'
const { requireBearerAuth } = require('@modelcontextprotocol/express')
const { OAuthError, OAuthErrorCode } = require('@modelcontextprotocol/server')
const express = require('express')

const tokens = JSON.parse(process.env.FIXTURE_TOKENS)

const verifier = {
  async verifyAccessToken(token) {
    const known = tokens[token]
    if (known === undefined) {
      throw new OAuthError(OAuthErrorCode.InvalidToken, 'Nobody knows this token')
    }
    if (known.broken) throw new Error('The store is not available')
    return { token, ...known, resource: known.resource && new URL(known.resource) }
  },
}

const app = express()
app.get(
  '/v1/orders/:id',
  requireBearerAuth({
    verifier,
    requiredScopes: ['orders:read'],
    expectedResource: new URL(process.env.FIXTURE_AUDIENCE),
  }),
  (request, response) => response.json({ client: request.auth.clientId }),
)

const server = app.listen(0, '127.0.0.1', () => console.log('served on', server.address().port))
