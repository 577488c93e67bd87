'use strict'
const express = require('express')
const session = require('express-session')
const Keycloak = require('keycloak-connect')

const store = new session.MemoryStore()
const keycloak = new Keycloak(
  { store },
  {
    realm: 'orders',
    'auth-server-url': process.env.FIXTURE_ISSUER,
    resource: process.env.FIXTURE_CLIENT,
    credentials: { secret: process.env.FIXTURE_CLIENT_SECRET },
    'realm-public-key': process.env.FIXTURE_PUBLIC_KEY.replace(/-----.*-----|\n/g, ''),
  },
)

const app = express()
const secret = process.env.FIXTURE_COOKIE_SECRET
app.use(session({ secret, resave: false, saveUninitialized: true, store }))
app.use(keycloak.middleware())
app.get('/v1/orders/:id', keycloak.protect(), (request, response) =>
  response.json({ subject: request.kauth.grant.access_token.content.sub }),
)
app.get('/v1/introspected/:id', keycloak.protect(), async (request, response) => {
  const { access_token: token } = request.kauth.grant
  const good = await keycloak.grantManager.validateAccessToken(token)
  response.status(good ? 200 : 401).end()
})

const server = app.listen(0, '127.0.0.1', () => console.log('served on', server.address().port))
