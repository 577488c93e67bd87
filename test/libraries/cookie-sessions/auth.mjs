import { createServer } from 'node:http'
import { Auth } from '@auth/core'
import Credentials from '@auth/core/providers/credentials'
import { identifySession, recordSessionEnd } from '@tokentrail/node'
import { verifyIdToken, verifyLogoutToken } from './id-token.mjs'

const ended = new Set()

const config = {
  secret: 'canary-auth-secret-of-32-characters-or-more',
  basePath: '/auth',
  trustHost: true,
  providers: [
    Credentials({
      credentials: { id_token: {} },
      authorize: async ({ id_token }) => ({ id: 'user', identity: await verifyIdToken(id_token) }),
    }),
  ],
  callbacks: {
    jwt: ({ token, user }) => (user === undefined ? token : { ...token, identity: user.identity }),
    session({ session, token: { identity } }) {
      if (!ended.has(identity.sid)) identifySession(identity)
      return { ...session, sid: identity.sid }
    },
  },
  events: {
    signOut: ({ token }) => recordSessionEnd(token.identity),
  },
}

const toRequest = async (request, path = request.url) => {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  const { cookie = '', 'content-type': type = 'text/plain', host } = request.headers
  const isPost = request.method === 'POST' && path === request.url
  return new Request(`http://${host}${path}`, {
    method: isPost ? 'POST' : 'GET',
    headers: { cookie, 'content-type': type, 'x-auth-return-redirect': '1' },
    ...(isPost ? { body: Buffer.concat(chunks) } : {}),
  })
}

const answer = async (response, result) => {
  for (const cookie of result.headers.getSetCookie()) response.appendHeader('set-cookie', cookie)
  response.writeHead(result.status).end(await result.text())
}

const server = createServer(async (request, response) => {
  if (request.url.startsWith('/auth/')) {
    return answer(response, await Auth(await toRequest(request), config))
  }
  if (request.url === '/backchannel-logout') {
    const form = await (await toRequest(request)).formData()
    ended.add(await verifyLogoutToken(form.get('logout_token')))
    return response.writeHead(204).end()
  }
  const session = await (await Auth(await toRequest(request, '/auth/session'), config)).json()
  const isSignedIn = session !== null && !ended.has(session.sid)
  return response.writeHead(isSignedIn ? 200 : 401).end()
})

server.listen(0, '127.0.0.1', () => console.log('served on', server.address().port))
