import { getRequestListener } from '@hono/node-server'
import express from 'express'
import { initTRPC, TRPCError } from '@trpc/server'
import { createExpressMiddleware } from '@trpc/server/adapters/express'
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import { createHTTPHandler, createHTTPServer } from '@trpc/server/adapters/standalone'
import { createServer } from 'node:http'
import { announce, authorize } from '../authorize.mjs'

const t = initTRPC.context().create({ isDev: false })
const guarded = t.procedure.use(async ({ ctx, next }) => {
  const { challenge, status, subject } = await authorize(ctx.request.headers.authorization)
  if (status === undefined) return next({ ctx: { subject } })
  ctx.response.setHeader('WWW-Authenticate', challenge)
  throw new TRPCError({ code: status === 401 ? 'UNAUTHORIZED' : 'FORBIDDEN' })
})
const router = t.router({
  open: t.procedure.query(() => 'open'),
  orders: t.router({
    get: guarded.query(({ ctx }) => ({ subject: ctx.subject })),
    list: guarded.query(({ ctx }) => [{ subject: ctx.subject }]),
    create: guarded
      .input((value) => value)
      .mutation(({ ctx, input }) => ({ ...input, subject: ctx.subject })),
    broken: guarded.query(() => {
      throw new Error('broken')
    }),
  }),
})
const createContext = ({ req, res }) => ({ request: req, response: res })
const options = { router, createContext, basePath: '/trpc/' }

const createExpressServer = () => {
  const app = express()
  app.use('/tenants/:tenant/trpc', createExpressMiddleware(options))
  return createServer(app)
}
const createFetchServer = () => {
  const listener = getRequestListener((req) => {
    const headers = new Headers()
    const createContext = () => ({
      request: { headers: { authorization: req.headers.get('authorization') ?? undefined } },
      response: { setHeader: (name, value) => headers.set(name, value) },
    })
    const responseMeta = () => ({ headers })
    const endpoint = '/trpc'
    return fetchRequestHandler({ req, endpoint, router, createContext, responseMeta })
  })
  return createServer(listener)
}
const servers = {
  fetch: createFetchServer,
  server: () => createHTTPServer(options),
  handler: () => createServer(createHTTPHandler(options)),
  express: createExpressServer,
}
const server = servers[process.env.FIXTURE_ADAPTER]()
server.listen(0, '127.0.0.1', () => announce(server.address().port))
