import { identifySession, recordSessionEnd } from '@tokentrail/node'
import express from 'express'
import session from 'express-session'
import { verifyIdToken, verifyLogoutToken } from './id-token.mjs'

const app = express()
const ended = new Set()

app.use(express.urlencoded({ extended: false }))
app.use(express.json())
app.use(session({ secret: 'canary-session-secret', resave: false, saveUninitialized: false }))
app.use((request, _response, next) => {
  const { user } = request.session
  if (user !== undefined && !ended.has(user.sid)) identifySession(user)
  next()
})

app.post('/callback', async (request, response) => {
  const user = await verifyIdToken(request.body.id_token)
  request.session.regenerate(() => {
    request.session.user = user
    response.sendStatus(204)
  })
})

app.post('/logout', (request, response) => {
  const { user } = request.session
  recordSessionEnd(user)
  request.session.destroy(() => response.sendStatus(204))
})

app.post('/backchannel-logout', async (request, response) => {
  ended.add(await verifyLogoutToken(request.body.logout_token))
  response.sendStatus(204)
})

const serve = (request, response) => {
  const { user } = request.session
  if (user === undefined || ended.has(user.sid)) return response.sendStatus(401)
  return response.json({ order: request.params.id })
}
app.get('/v1/orders/:id', serve)
app.post('/v1/orders/:id', serve)

const server = app.listen(0, '127.0.0.1', () => console.log('served on', server.address().port))
