'use strict'
const { verify } = require('jsonwebtoken')
const { serveOrders } = require('../orders.cjs')

const {
  FIXTURE_AUDIENCE: audience,
  FIXTURE_ISSUER: issuer,
  FIXTURE_PUBLIC_KEY: publicKey,
} = process.env

async function main() {
  // It starts to record by itself, when its modules have long been loaded.
  const { startRecording } = await import(process.env.FIXTURE_RECORDING)
  const { instrumentation } = startRecording()
  console.log('self-test', JSON.stringify(await instrumentation.selfTest()))

  // Another part of it comes later still.
  const later = require('jsonwebtoken')
  console.log('then', JSON.stringify(instrumentation.hookStates()))

  serveOrders((token, { url }) => {
    const verifyToken = url.startsWith('/later/') ? later.verify : verify
    return verifyToken(token, publicKey, { audience, issuer, algorithms: ['RS256'] })
  })
}

void main()
