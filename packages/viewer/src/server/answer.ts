import type { ServerResponse } from 'node:http'
import type { ErrorResponse } from '../api-types.ts'

/**
 * Headers of every answer: nothing but the viewer's own files may be loaded, run, framed or told
 * where the reader came from.
 */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
    "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; " +
    "frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
}

/** Sends a JSON answer that nothing may keep. */
export function sendJson(response: ServerResponse, statusCode: number, body: object): void {
  response.writeHead(statusCode, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
  })
  response.end(JSON.stringify(body))
}

/** Sends an error in the API's form. */
export function sendError(
  response: ServerResponse,
  statusCode: number,
  code: string,
  message: string,
): void {
  const body: ErrorResponse = { error: { code, message } }
  sendJson(response, statusCode, body)
}
