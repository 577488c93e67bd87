import { createServer } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import Router from '@koa/router'
import Koa from 'koa'
import { announce, authorize } from '../authorize.mjs'

const guard = async (ctx, next) => {
  const { challenge, status, subject } = await authorize(ctx.get('authorization'))
  if (status !== undefined) {
    ctx.status = status
    ctx.set('WWW-Authenticate', challenge)
    ctx.body = { status }
    return
  }
  ctx.state.subject = subject
  await next()
}

/** Reads the body by events, as body parsers do. */
const readBody = (ctx, next) =>
  new Promise((resolve, reject) => {
    let text = ''
    ctx.req.setEncoding('utf8')
    ctx.req.on('data', (part) => (text += part))
    ctx.req.on('error', reject)
    ctx.req.on('end', () => {
      ctx.state.body = JSON.parse(text)
      resolve(next())
    })
  })

const orders = new Router()
orders.get('/:id', guard, (ctx) => {
  ctx.body = { id: ctx.params.id, subject: ctx.state.subject }
})
orders.post('/', readBody, guard, (ctx) => {
  ctx.status = 201
  ctx.body = { ...ctx.state.body, subject: ctx.state.subject }
})

const router = new Router({ prefix: '/v1' })
router.use('/orders', orders.routes())
router.use('/tenants/:tenant/orders', orders.routes())
router.get('/broken', guard, () => {
  throw new Error('broken')
})

const app = new Koa()
app.silent = true
app.use(router.routes())
app.use(new Router().get('/open', (ctx) => void (ctx.body = 'open')).routes())
const create = process.env.FIXTURE_PROTOCOL === 'http2' ? createHttp2Server : createServer
const server = create(app.callback())
server.listen(0, '127.0.0.1', () => announce(server.address().port))
