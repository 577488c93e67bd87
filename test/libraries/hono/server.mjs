import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { announce, authorize } from '../authorize.mjs'

const guard = async (c, next) => {
  const { challenge, status, subject } = await authorize(c.req.header('authorization'))
  if (status !== undefined) return c.json({ status }, status, { 'WWW-Authenticate': challenge })
  c.set('subject', subject)
  await next()
}

const orders = new Hono()
orders.use(async (c, next) => {
  if (c.req.method === 'POST') c.set('body', await c.req.json())
  await next()
})
orders.use('*', guard)
orders.get('/:id', (c) => c.json({ id: c.req.param('id'), subject: c.get('subject') }))
orders.post('/', (c) => c.json({ ...c.get('body'), subject: c.get('subject') }, 201))

const app = new Hono()
app.onError((_, c) => c.text('Internal Server Error', 500))
app.route('/v1/orders', orders)
app.route('/v1/tenants/:tenant/orders', orders)
app.get('/v1/broken', guard, () => {
  throw new Error('broken')
})
app.get('/open', (c) => c.text('open'))
const createServer = process.env.FIXTURE_PROTOCOL === 'http2' ? createHttp2Server : createHttpServer
serve({ fetch: app.fetch, createServer, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
  announce(port),
)
