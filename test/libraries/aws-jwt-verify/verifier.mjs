import { JwtVerifier } from 'aws-jwt-verify'
import { SimpleJwksCache } from 'aws-jwt-verify/jwk'
import { serveOrders } from '../orders.cjs'

// The library's own fetcher speaks https only.
const fetcher = {
  fetch: async (uri) => (await fetch(uri)).arrayBuffer(),
}

const verifier = JwtVerifier.create(
  {
    issuer: process.env.FIXTURE_ISSUER,
    jwksUri: `${process.env.FIXTURE_ISSUER}/jwks`,
    audience: process.env.FIXTURE_AUDIENCE,
  },
  { jwksCache: new SimpleJwksCache({ fetcher }) },
)

serveOrders((token) => verifier.verify(token))
