import jwt from 'jsonwebtoken'
import { serveOrders } from '../orders.cjs'

const {
  FIXTURE_AUDIENCE: audience,
  FIXTURE_ISSUER: issuer,
  FIXTURE_PUBLIC_KEY: publicKey,
} = process.env

serveOrders((token) => jwt.verify(token, publicKey, { audience, issuer, algorithms: ['RS256'] }))
