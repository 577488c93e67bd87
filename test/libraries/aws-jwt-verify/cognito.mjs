import { CognitoJwtVerifier } from 'aws-jwt-verify'
import { serveOrders } from '../orders.cjs'

const verifier = CognitoJwtVerifier.create({
  userPoolId: process.env.FIXTURE_USER_POOL,
  tokenUse: 'access',
  clientId: process.env.FIXTURE_CLIENT,
})
verifier.cacheJwks(JSON.parse(process.env.FIXTURE_JWKS))

serveOrders((token) => verifier.verifySync(token))
