import express from 'express'
import passport from 'passport'
import { ExtractJwt, Strategy as JwtStrategy } from 'passport-jwt'

const options = {
  jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
  secretOrKey: process.env.FIXTURE_PUBLIC_KEY,
  algorithms: ['RS256'],
  issuer: process.env.FIXTURE_ISSUER,
  audience: process.env.FIXTURE_AUDIENCE,
}

passport.use(
  new JwtStrategy(options, (claims, done) => {
    if (claims.sub === 'disabled') return done(null, false)
    if (claims.sub === 'broken') return done(new Error('The directory is not available'))
    done(null, { id: claims.sub, scopes: claims.scope.split(' ') })
  }),
)

const requireScope = (scope) => (request, response, next) => {
  if (request.user.scopes.includes(scope)) return next()
  response
    .status(403)
    .set('WWW-Authenticate', `Bearer error="insufficient_scope", scope="${scope}"`)
    .end()
}

const app = express()
app.get(
  '/v1/orders/:id',
  passport.authenticate('jwt', { session: false }),
  requireScope('orders:read'),
  (request, response) => response.json({ subject: request.user.id }),
)

const server = app.listen(0, '127.0.0.1', () => console.log('served on', server.address().port))
