import { isObject } from './claims.ts'

/**
 * Whether an error asks a web framework to answer 401 or 403: `http-errors` and Express name the
 * status in `status` or `statusCode`, exceptions of NestJS in `status`.
 */
export function isRefusal(error: unknown): boolean {
  if (!isObject(error)) return false
  const status = error['status'] ?? error['statusCode']
  return status === 401 || status === 403
}
