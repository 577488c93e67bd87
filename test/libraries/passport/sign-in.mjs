import express from 'express'
import passport from 'passport'
import OAuth2Strategy from 'passport-oauth2'

const { FIXTURE_ISSUER: issuer } = process.env

passport.use(
  new OAuth2Strategy(
    {
      authorizationURL: `${issuer}/authorize`,
      tokenURL: `${issuer}/token`,
      clientID: 'web-client',
      clientSecret: process.env.FIXTURE_CLIENT_SECRET,
      callbackURL: 'http://127.0.0.1/callback',
    },
    (accessToken, refreshToken, params, profile, done) => done(null, { id: 'alice' }),
  ),
)

const app = express()
app.get('/sign-in', passport.authenticate('oauth2', { session: false }))
app.get('/callback', passport.authenticate('oauth2', { session: false }), (request, response) =>
  response.json({ subject: request.user.id }),
)

const server = app.listen(0, '127.0.0.1', () => console.log('served on', server.address().port))
