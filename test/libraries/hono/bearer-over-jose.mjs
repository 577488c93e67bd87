import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { bearerAuth } from 'hono/bearer-auth'
import { announce, authorize } from '../authorize.mjs'

const app = new Hono()
app.use(
  '/v1/*',
  bearerAuth({
    verifyToken: async (token) => {
      const { subject } = await authorize(`Bearer ${token}`)
      return subject !== undefined
    },
  }),
)
app.get('/v1/orders/:id', (c) => c.json({ id: c.req.param('id') }))
serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => announce(port))
