import * as oauth from 'oauth4webapi'
import { serveOrders } from '../orders.cjs'

const issuer = new URL(process.env.FIXTURE_ISSUER)
const options = { [oauth.allowInsecureRequests]: true }
const discovered = await oauth.discoveryRequest(issuer, options)
const server = await oauth.processDiscoveryResponse(issuer, discovered)
const client = { client_id: 'orders-api' }
const authentication = oauth.ClientSecretBasic(process.env.FIXTURE_CLIENT_SECRET)

serveOrders(async (token) => {
  const response = await oauth.introspectionRequest(server, client, authentication, token, options)
  const answer = await oauth.processIntrospectionResponse(server, client, response)
  if (!answer.active) throw new Error('Not a token for this API')
  return answer
})
