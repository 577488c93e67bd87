import type { RequestHandler } from 'express'
import * as oauth from 'oauth4webapi'
import { bearerToken, refuse, type Access } from './access.ts'

/** The API's own credentials at the authorization server. */
export interface IntrospectionClient {
  readonly clientId: string
  readonly clientSecret: string
}

/** Verifies opaque access tokens by introspection (RFC 7662). */
export function requireOpaque(
  issuer: string,
  audience: string,
  credentials: IntrospectionClient,
): RequestHandler {
  const server: oauth.AuthorizationServer = {
    issuer,
    introspection_endpoint: `${issuer}/token/introspection`,
  }
  const client: oauth.Client = { client_id: credentials.clientId }
  const authentication = oauth.ClientSecretBasic(credentials.clientSecret)
  return async (request, response, next) => {
    const token = bearerToken(request)
    if (token === undefined) return refuse(response, 401)
    const answer = await oauth.introspectionRequest(server, client, authentication, token, {
      [oauth.allowInsecureRequests]: issuer.startsWith('http://127.0.0.1'),
    })
    const result = await oauth.processIntrospectionResponse(server, client, answer)
    if (!result.active || ![result.aud].flat().includes(audience)) {
      return refuse(response, 401, 'invalid_token')
    }
    const access: Access = {
      subject: result.sub,
      client: result.client_id,
      scopes: new Set(result.scope?.split(' ')),
    }
    response.locals['access'] = access
    return next()
  }
}
