'use strict'
const client = require('openid-client')
const { serveOrders } = require('../orders.cjs')

client
  .discovery(
    new URL(process.env.FIXTURE_ISSUER),
    'orders-api',
    process.env.FIXTURE_CLIENT_SECRET,
    undefined,
    { execute: [client.allowInsecureRequests] },
  )
  .then((config) =>
    serveOrders(async (token) => {
      const answer = await client.tokenIntrospection(config, token)
      if (!answer.active) throw new Error('Not a token for this API')
      return answer
    }),
  )
