import express from 'express'
import passport from 'passport'
import { Strategy as BearerStrategy } from 'passport-http-bearer'

/** Opaque tokens, as a database would have them. */
const TOKENS = JSON.parse(process.env.FIXTURE_TOKENS)

passport.use(
  new BearerStrategy({ realm: 'orders' }, async (token, done) => {
    try {
      const found = await find(token)
      if (found === undefined) return done(null, false)
      done(
        null,
        { id: found.user, email: found.email },
        { scope: found.scope, clientId: found.client },
      )
    } catch (error) {
      done(error)
    }
  }),
)

async function find(token) {
  if (TOKENS[token]?.user === 'broken') throw new Error('The database is not available')
  return TOKENS[token]
}

const app = express()
app.get(
  '/v1/orders/:id',
  passport.authenticate('bearer', { session: false }),
  (request, response, next) => {
    if (request.authInfo.scope.includes('orders:read')) return next()
    response
      .status(403)
      .set('WWW-Authenticate', 'Bearer error="insufficient_scope", scope="orders:read"')
      .end()
  },
  (request, response) => response.json({ subject: request.user.id }),
)

const server = app.listen(0, '127.0.0.1', () => console.log('served on', server.address().port))
