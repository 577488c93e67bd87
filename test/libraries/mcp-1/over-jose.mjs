import { InvalidTokenError } from '@modelcontextprotocol/sdk/server/auth/errors.js'
import { requireBearerAuth } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js'
import express from 'express'
import { createLocalJWKSet, jwtVerify } from 'jose'

const { FIXTURE_AUDIENCE: audience, FIXTURE_ISSUER: issuer, FIXTURE_JWKS } = process.env
const keys = createLocalJWKSet(JSON.parse(FIXTURE_JWKS))

const verifier = {
  async verifyAccessToken(token) {
    const { payload } = await jwtVerify(token, keys, { audience, issuer }).catch(() => {
      throw new InvalidTokenError('The token is not good')
    })
    return {
      token,
      clientId: payload.client_id,
      scopes: payload.scope.split(' '),
      expiresAt: payload.exp,
    }
  },
}

const app = express()
app.get(
  '/v1/orders/:id',
  requireBearerAuth({ verifier, requiredScopes: ['orders:read'] }),
  (request, response) => response.json({ client: request.auth.clientId }),
)

const server = app.listen(0, '127.0.0.1', () => console.log('served on', server.address().port))
