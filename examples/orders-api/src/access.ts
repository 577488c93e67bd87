import type { NextFunction, Request, RequestHandler, Response } from 'express'

/** What the API knows about the caller once the token is verified. */
export interface Access {
  readonly subject: string | undefined
  readonly client: string | undefined
  readonly scopes: ReadonlySet<string>
}

/** Refuses a request with an RFC 6750 challenge. */
export function refuse(
  response: Response,
  status: 401 | 403,
  error?: 'invalid_token' | 'insufficient_scope' | 'invalid_request',
  scope?: string,
): void {
  const parameters = [
    'realm="orders"',
    error === undefined ? '' : `error="${error}"`,
    scope === undefined ? '' : `scope="${scope}"`,
  ].filter((parameter) => parameter !== '')
  response.set('WWW-Authenticate', `Bearer ${parameters.join(', ')}`)
  response.status(status).json({ error: error ?? 'unauthorized' })
}

/** The token of the `Authorization` header, if there is one. */
export function bearerToken(request: Request): string | undefined {
  return /^Bearer ([\w\-.~+/]+=*)$/i.exec(request.headers.authorization ?? '')?.[1]
}

/** Lets a request pass only with the scope. */
export const requireScope =
  (scope: string): RequestHandler =>
  (_request: Request, response: Response, next: NextFunction) => {
    const access = response.locals['access'] as Access
    if (access.scopes.has(scope)) next()
    else refuse(response, 403, 'insufficient_scope', scope)
  }
