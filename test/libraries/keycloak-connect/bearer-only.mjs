import express from 'express'
import Keycloak from 'keycloak-connect'

const keycloak = new Keycloak(
  {},
  {
    realm: 'orders',
    'auth-server-url': process.env.FIXTURE_ISSUER,
    resource: process.env.FIXTURE_AUDIENCE,
    'bearer-only': true,
    'verify-token-audience': true,
  },
)

const canRead = ({ content }) => content.scope.split(' ').includes('orders:read')

const app = express()
app.use(keycloak.middleware())
app.get('/v1/orders/:id', keycloak.protect(canRead), (request, response) =>
  response.json({ subject: request.kauth.grant.access_token.content.sub }),
)

const server = app.listen(0, '127.0.0.1', () => console.log('served on', server.address().port))
