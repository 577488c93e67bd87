import fastify from 'fastify'
import { announce, authorize } from '../authorize.mjs'

const guard = async (request, reply) => {
  const { challenge, status, subject } = await authorize(request.headers.authorization)
  if (status !== undefined) {
    return reply.status(status).header('WWW-Authenticate', challenge).send({ status })
  }
  request.subject = subject
}

const orders = async (app) => {
  app.decorateRequest('subject', null)
  app.get('/:id', { onRequest: guard }, async ({ params, subject }) => ({ id: params.id, subject }))
  // A hook after the body was parsed.
  app.post('/', { preHandler: guard }, async ({ body, subject }, reply) => {
    reply.status(201)
    return { ...body, subject }
  })
}

const app = fastify({ http2: process.env.FIXTURE_PROTOCOL === 'http2' })
app.register(orders, { prefix: '/v1/orders' })
app.register(orders, { prefix: '/v1/tenants/:tenant/orders' })
app.get('/v1/broken', { preHandler: guard }, async () => {
  throw new Error('broken')
})
app.get('/open', async () => 'open')
await app.listen({ port: 0, host: '127.0.0.1' })
announce(app.server.address().port)
