import { createPublicKey } from 'node:crypto'
import jwt from 'jsonwebtoken'
import { serveOrders } from '../orders.cjs'

const { FIXTURE_AUDIENCE: audience, FIXTURE_ISSUER: issuer } = process.env

// As `jwks-rsa` does it, which needs the same words for a key that the set does not have.
async function getKey({ kid }, callback) {
  try {
    const response = await fetch(`${issuer}/jwks`)
    const { keys } = await response.json()
    const jwk = keys.find((key) => key.kid === kid)
    if (jwk === undefined) {
      return callback(new Error(`Unable to find a signing key that matches '${kid}'`))
    }
    callback(null, createPublicKey({ key: jwk, format: 'jwk' }))
  } catch (error) {
    callback(error)
  }
}

serveOrders(
  (token) =>
    new Promise((resolve, reject) => {
      jwt.verify(token, getKey, { audience, issuer }, (error, claims) =>
        error ? reject(error) : resolve(claims),
      )
    }),
)
