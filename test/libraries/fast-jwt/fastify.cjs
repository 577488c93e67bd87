'use strict'
const { createPublicKey } = require('node:crypto')
const app = require('fastify')()

const { keys } = JSON.parse(process.env.FIXTURE_JWKS)

app.register(require('@fastify/jwt'), {
  decode: { complete: true },
  namespace: 'access',
  jwtVerify: 'verifyAccess',
  secret: (request, { header }, done) => {
    const key = keys.find(({ kid }) => kid === header.kid)
    if (key === undefined) {
      const error = new Error('No matching JWK found in the set.')
      return done(Object.assign(error, { code: 'JWK_NOT_FOUND', statusCode: 401 }))
    }
    done(null, createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' }))
  },
  verify: {
    allowedIss: process.env.FIXTURE_ISSUER,
    allowedAud: process.env.FIXTURE_AUDIENCE,
  },
})

app.addHook('onRequest', (request, reply, done) => request.verifyAccess(done))

app.get('/v1/orders/:id', async ({ user }, reply) => {
  if (user.scope.split(' ').includes('orders:read')) return { subject: user.sub }
  return reply
    .code(403)
    .header('WWW-Authenticate', 'Bearer error="insufficient_scope", scope="orders:read"')
    .send()
})

app.listen({ port: 0, host: '127.0.0.1' }, () => {
  console.log('served on', app.server.address().port)
})
