import { createServer } from 'node:http'
import { identifySession, recordSessionEnd } from '@tokentrail/node'
import { getIronSession } from 'iron-session'
import { verifyIdToken, verifyLogoutToken } from './id-token.mjs'

const OPTIONS = {
  password: 'canary-password-of-32-characters-or-more',
  cookieName: 'orders',
  cookieOptions: { secure: false },
}
const ended = new Set()

const readForm = async (request) => {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  return new URLSearchParams(Buffer.concat(chunks).toString())
}

const ROUTES = {
  async '/callback'(request, session) {
    session.user = await verifyIdToken((await readForm(request)).get('id_token'))
    await session.save()
    return 204
  },
  async '/logout'(_, session) {
    recordSessionEnd(session.user)
    session.destroy()
    return 204
  },
  async '/backchannel-logout'(request) {
    ended.add(await verifyLogoutToken((await readForm(request)).get('logout_token')))
    return 204
  },
}

const serve = async (request, { user }) => {
  await readForm(request)
  return user === undefined || ended.has(user.sid) ? 401 : 200
}

const server = createServer(async (request, response) => {
  const session = await getIronSession(request, response, OPTIONS)
  const { user } = session
  if (user !== undefined && !ended.has(user.sid)) identifySession(user)
  const route = ROUTES[request.url] ?? serve
  response.writeHead(await route(request, session)).end()
})

server.listen(0, '127.0.0.1', () => console.log('served on', server.address().port))
