import type { RequestHandler } from 'express'
import { createRemoteJWKSet, jwtVerify } from 'jose'

/** Lets requests pass that bring an access token of the issuer (RFC 9068, RFC 6750). */
export function requireToken(issuer: string): RequestHandler {
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`))
  return async (request, response, next) => {
    const token = request.headers.authorization?.replace(/^Bearer /, '') ?? ''
    try {
      await jwtVerify(token, keys, { issuer, audience: 'https://orders.example.com' })
    } catch {
      response.set('WWW-Authenticate', 'Bearer error="invalid_token"').sendStatus(401)
      return
    }
    next()
  }
}
