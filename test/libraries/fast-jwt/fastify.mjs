import jwt from '@fastify/jwt'
import Fastify from 'fastify'

const app = Fastify()
app.register(jwt, {
  secret: { public: process.env.FIXTURE_PUBLIC_KEY },
  verify: {
    algorithms: ['RS256'],
    allowedIss: process.env.FIXTURE_ISSUER,
    allowedAud: process.env.FIXTURE_AUDIENCE,
  },
  trusted: (_, { sub }) => sub !== 'banned',
})

app.decorate('authenticate', async (request, reply) => {
  try {
    await request.jwtVerify()
  } catch (error) {
    reply.send(error)
  }
})

app.get(
  '/v1/orders/:id',
  { preHandler: (request, reply) => app.authenticate(request, reply) },
  async (request, reply) => {
    if (request.user.scope.split(' ').includes('orders:read')) return { subject: request.user.sub }
    return reply
      .code(403)
      .header('WWW-Authenticate', 'Bearer error="insufficient_scope", scope="orders:read"')
      .send()
  },
)

await app.listen({ port: 0, host: '127.0.0.1' })
console.log('served on', app.server.address().port)
