import { verifyWithJwks } from 'hono/jwt'
import { serveOrders } from '../orders.cjs'

const { FIXTURE_AUDIENCE: aud, FIXTURE_ISSUER: iss, FIXTURE_JWKS } = process.env
const { keys } = JSON.parse(FIXTURE_JWKS)

serveOrders((token) =>
  verifyWithJwks(token, {
    keys,
    allowedAlgorithms: ['RS256'],
    verification: { aud, iss, typ: 'at+jwt' },
  }),
)
