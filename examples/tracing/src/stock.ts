/** Tells how much of an article is in stock. Environment: `ISSUER`. */
import type { AddressInfo } from 'node:net'
import express from 'express'
import { requireToken } from './access.ts'

const app = express()
app.get('/v1/stock/:article', requireToken(process.env['ISSUER'] ?? ''), (request, response) => {
  response.json({ article: request.params['article'], left: 7 })
})
const server = app.listen(0, '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
