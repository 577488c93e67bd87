/** Shows an order and asks the stock service on behalf of the user. Environment: `ISSUER`, `STOCK`. */
import { get } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { requireToken } from './access.ts'

const { ISSUER = '', STOCK = '' } = process.env

/** Passes the user's token on, as services behind one audience do. */
function readStock(article: string, authorization: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const url = `${STOCK}/v1/stock/${article}`
    get(url, { headers: { authorization } }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (part: string) => (text += part))
      answer.on('end', () => resolve(JSON.parse(text)))
    }).on('error', reject)
  })
}

const app = express()
// oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Express 5 forwards rejections
app.get('/v1/orders/:id', requireToken(ISSUER), async (request, response) => {
  const stock = await readStock('pencil', request.headers.authorization ?? '')
  response.json({ id: request.params['id'], stock })
})
const server = app.listen(0, '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
