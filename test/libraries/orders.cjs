'use strict'
const { createServer } = require('node:http')

/**
 * Serves `GET /v1/orders/:id`, for applications that differ only in how they verify a token.
 *
 * @param verify - Gives the claims of a token, or throws. It is called with the request too.
 */
exports.serveOrders = (verify) => {
  const server = createServer(async (request, response) => {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
    if (token === undefined) return refuse(response, 401, 'Bearer')
    try {
      const { scope = '', sub } = await verify(token, request)
      if (!scope.split(' ').includes('orders:read')) {
        return refuse(response, 403, 'Bearer error="insufficient_scope", scope="orders:read"')
      }
      return response.end(JSON.stringify({ subject: sub }))
    } catch {
      return refuse(response, 401, 'Bearer error="invalid_token"')
    }
  })
  server.listen(0, '127.0.0.1', () => console.log('served on', server.address().port))
}

const refuse = (response, status, challenge) =>
  response.writeHead(status, { 'WWW-Authenticate': challenge }).end()
