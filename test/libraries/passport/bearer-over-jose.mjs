import express from 'express'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import passport from 'passport'
import { Strategy as BearerStrategy } from 'passport-http-bearer'

const { FIXTURE_AUDIENCE: audience, FIXTURE_ISSUER: issuer } = process.env
const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`))

passport.use(
  new BearerStrategy(async (token, done) => {
    try {
      const { payload } = await jwtVerify(token, keys, { audience, issuer })
      done(null, { id: payload.sub }, { scope: payload.scope })
    } catch {
      done(null, false)
    }
  }),
)

const app = express()
app.get(
  '/v1/orders/:id',
  passport.authenticate('bearer', { session: false }),
  (request, response, next) => {
    if (request.authInfo.scope.split(' ').includes('orders:read')) return next()
    response
      .status(403)
      .set('WWW-Authenticate', 'Bearer error="insufficient_scope", scope="orders:read"')
      .end()
  },
  (request, response) => response.json({ subject: request.user.id }),
)

const server = app.listen(0, '127.0.0.1', () => console.log('served on', server.address().port))
