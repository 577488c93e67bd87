import { allowInsecureRequests, discovery, fetchUserInfo, skipSubjectCheck } from 'openid-client'
import { serveOrders } from '../orders.cjs'

const config = await discovery(
  new URL(process.env.FIXTURE_ISSUER),
  'orders-api',
  process.env.FIXTURE_CLIENT_SECRET,
  undefined,
  { execute: [allowInsecureRequests] },
)

serveOrders(async (token) => {
  const { sub } = await fetchUserInfo(config, token, skipSubjectCheck)
  return { sub, scope: 'orders:read' }
})
