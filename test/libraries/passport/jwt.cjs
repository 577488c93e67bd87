'use strict'
const express = require('express')
const passport = require('passport')
const { ExtractJwt, Strategy: JwtStrategy } = require('passport-jwt')

const { FIXTURE_AUDIENCE: audience, FIXTURE_ISSUER: issuer } = process.env

/** As `passportJwtSecret` of jwks-rsa does it. */
async function secretOrKeyProvider(request, token, done) {
  const { createPublicKey } = require('node:crypto')
  try {
    const { kid } = JSON.parse(Buffer.from(token.split('.')[0], 'base64url').toString())
    const { keys } = await (await fetch(`${issuer}/jwks`)).json()
    const jwk = keys.find((key) => key.kid === kid)
    done(null, jwk && createPublicKey({ key: jwk, format: 'jwk' }))
  } catch (error) {
    if (error instanceof SyntaxError) return done(null, null)
    done(error)
  }
}

passport.use(
  new JwtStrategy(
    {
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      secretOrKeyProvider,
      algorithms: ['RS256'],
      issuer,
      audience,
    },
    (claims, done) => done(null, { id: claims.sub }, { scope: claims.scope }),
  ),
)

const app = express()
app.get(
  '/v1/orders/:id',
  passport.authenticate('jwt', { session: false }),
  (request, response, next) => {
    if (request.authInfo.scope.split(' ').includes('orders:read')) return next()
    response.status(403).json({ error: 'insufficient_scope' })
  },
  (request, response) => response.json({ subject: request.user.id }),
)

const server = app.listen(0, '127.0.0.1', () => console.log('served on', server.address().port))
