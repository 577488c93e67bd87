import { createVerifier } from 'fast-jwt'
import { serveOrders } from '../orders.cjs'

const verify = createVerifier({
  key: process.env.FIXTURE_PUBLIC_KEY,
  algorithms: ['RS256'],
  allowedIss: process.env.FIXTURE_ISSUER,
  allowedAud: process.env.FIXTURE_AUDIENCE,
  cache: true,
})

serveOrders(verify)
