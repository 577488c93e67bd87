import express from 'express'
import { announce, authorize } from '../authorize.mjs'

const guard = async (request, response, next) => {
  const { challenge, status, subject } = await authorize(request.headers.authorization)
  if (status !== undefined) {
    return response.status(status).set('WWW-Authenticate', challenge).json({ status })
  }
  request.subject = subject
  next()
}

const orders = express.Router({ mergeParams: true })
orders.get('/:id', guard, (request, response) => {
  response.json({ id: request.params.id, subject: request.subject })
})
orders.post('/', express.json(), guard, (request, response) => {
  response.status(201).json({ ...request.body, subject: request.subject })
})

const app = express()
app.use('/v1/orders', orders)
app.use('/v1/tenants/:tenant/orders', orders)
const people = express.Router()
people.use('/me/orders', (_, __, next) => next())
people.use('/:name/orders', (request, _, next) =>
  next(request.params.name === 'me' ? 'router' : undefined),
)
people.use('/:name/orders', orders)
const me = express.Router()
me.use(
  '/me/orders',
  express
    .Router()
    .get('/:id', guard, (request, response) => response.json({ own: request.params.id })),
)
app.use('/people', me)
app.use('/people', people)
const behind = express.Router()
behind.get('/people/:name', (request, response) => response.json({ name: request.params.name }))
behind.get('/files/*path', (_, response) => response.json({}))
app.use('/v2', guard, behind)
const admin = express()
admin.disable('x-powered-by')
admin.use('/nested/orders', orders)
app.use('/admin/of-:tenant', admin)
app.get('/v1/broken', guard, () => {
  throw new Error('broken')
})
app.get('/open', (_, response) => response.send('open'))
const server = app.listen(0, '127.0.0.1', () => announce(server.address().port))
