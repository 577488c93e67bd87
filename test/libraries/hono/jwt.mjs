import { createPublicKey } from 'node:crypto'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { jwt } from 'hono/jwt'
import { requireScope } from './require-scope.cjs'

const { FIXTURE_AUDIENCE: aud, FIXTURE_ISSUER: iss, FIXTURE_PUBLIC_KEY } = process.env

const app = new Hono()
app.use(
  '/v1/*',
  jwt({
    secret: createPublicKey(FIXTURE_PUBLIC_KEY).export({ format: 'jwk' }),
    alg: 'RS256',
    verification: { aud, iss, typ: 'at+jwt' },
  }),
)
app.get('/v1/orders/:id', requireScope('orders:read'), (c) =>
  c.json({ subject: c.get('jwtPayload').sub }),
)
serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
  console.log('served on', port),
)
