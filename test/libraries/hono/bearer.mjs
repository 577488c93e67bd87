import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { bearerAuth } from 'hono/bearer-auth'

const app = new Hono()
app.use(
  '/v1/*',
  bearerAuth({
    verifyToken: async (token) => {
      if (token === process.env.FIXTURE_BROKEN_TOKEN) throw new Error('The store is not available')
      return token === process.env.FIXTURE_TOKEN
    },
  }),
)
app.get('/v1/orders/:id', (c) => c.json({ id: c.req.param('id') }))
serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
  console.log('served on', port),
)
