'use strict'
const express = require('express')
const { auth, requiredScopes } = require('express-oauth2-jwt-bearer')

const { FIXTURE_AUDIENCE: audience, FIXTURE_ISSUER: issuer } = process.env

const app = express()
app.use(auth({ issuer, audience, jwksUri: `${issuer}/jwks` }))
app.get('/v1/orders/:id', requiredScopes('orders:read'), (request, response) =>
  response.json({ subject: request.auth.payload.sub }),
)

const server = app.listen(0, '127.0.0.1', () => console.log('served on', server.address().port))
