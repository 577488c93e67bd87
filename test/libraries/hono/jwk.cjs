'use strict'
const { serve } = require('@hono/node-server')
const { Hono } = require('hono')
const { jwk } = require('hono/jwk')
const { requireScope } = require('./require-scope.cjs')

const { FIXTURE_AUDIENCE: aud, FIXTURE_ISSUER: iss } = process.env

const app = new Hono()
app.use(
  '/v1/*',
  jwk({ jwks_uri: `${iss}/jwks`, alg: ['RS256'], verification: { aud, iss, typ: 'at+jwt' } }),
)
app.get('/v1/orders/:id', requireScope('orders:read'), (c) =>
  c.json({ subject: c.get('jwtPayload').sub }),
)
serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
  console.log('served on', port),
)
