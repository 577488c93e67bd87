import { authorize } from '../../authorize.mjs'

/** Serves a route to tokens with the scope. */
export const guard = (handler) => async (request, context) => {
  const { challenge, status, subject } = await authorize(request.headers.get('authorization') ?? '')
  if (status === undefined) return handler({ request, subject, params: await context.params })
  return Response.json({ status }, { status, headers: { 'WWW-Authenticate': challenge } })
}
