import { importPKCS8, jwtDecrypt } from 'jose'
import { serveOrders } from '../orders.cjs'

const { FIXTURE_AUDIENCE: audience, FIXTURE_ISSUER: issuer } = process.env
const secret = Buffer.from(process.env.FIXTURE_SECRET, 'base64url')
const privateKey = await importPKCS8(process.env.FIXTURE_PRIVATE_KEY, 'RSA-OAEP-256')

serveOrders(async (token) => {
  const keyOf = ({ alg }) => (alg === 'dir' ? new Uint8Array(secret) : privateKey)
  const { payload } = await jwtDecrypt(token, keyOf, { audience, issuer })
  return payload
})
