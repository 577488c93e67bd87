import type { RequestHandler } from 'express'
import { createRemoteJWKSet, errors, jwtVerify } from 'jose'
import { bearerToken, refuse, type Access } from './access.ts'

const scopesOf = (claim: unknown): Set<string> =>
  new Set(typeof claim === 'string' ? claim.split(' ') : [])

/** Verifies JWT access tokens (RFC 9068) against the authorization server's keys. */
export function requireJwt(issuer: string, audience: string): RequestHandler {
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`))
  return async (request, response, next) => {
    const token = bearerToken(request)
    if (token === undefined) return refuse(response, 401)
    try {
      const { payload } = await jwtVerify(token, keys, { issuer, audience, typ: 'at+jwt' })
      const access: Access = {
        subject: payload.sub,
        client: payload['client_id'] as string | undefined,
        scopes: scopesOf(payload['scope']),
      }
      response.locals['access'] = access
      return next()
    } catch (error) {
      if (error instanceof errors.JOSEError) return refuse(response, 401, 'invalid_token')
      return next(error)
    }
  }
}
