import { createRemoteJWKSet, jwtVerify } from 'jose'
import { serveOrders } from '../orders.cjs'

const { FIXTURE_AUDIENCE: audience, FIXTURE_ISSUER: issuer } = process.env
const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`))

// It starts to record by itself, when its modules have long been loaded.
const { startRecording } = await import(process.env.FIXTURE_RECORDING)
const { instrumentation } = startRecording()
console.log('self-test', JSON.stringify(await instrumentation.selfTest()))

serveOrders(async (token) => {
  const { payload } = await jwtVerify(token, keys, { audience, issuer })
  return payload
})
