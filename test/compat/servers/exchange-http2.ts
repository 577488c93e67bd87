import { connect, constants, type SecureClientSessionOptions } from 'node:http2'
import type { RawRequest } from './raw-exchange.ts'

/** Longest that a response is waited for (20 seconds). */
const TIMEOUT_MILLIS = 20_000

/** Sends one request over an HTTP/2 connection of its own; gives status, fields and body as text. */
export function exchangeHttp2(
  url: string,
  request: RawRequest,
  options: SecureClientSessionOptions = {},
): Promise<string> {
  const { body, leaveAfter, method = 'GET', path, token } = request
  return new Promise((resolve, reject) => {
    const session = connect(url, options)
    const stream = session.request(
      {
        ':method': method,
        ':path': path,
        'user-agent': 'compat/1.0',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      { endStream: body === undefined },
    )
    let head = ''
    let text = ''
    session.on('error', reject)
    stream.setTimeout(TIMEOUT_MILLIS, () => stream.close(constants.NGHTTP2_CANCEL))
    stream.on('error', reject).on('response', ({ ':status': status, ...fields }) => {
      head = `HTTP/2 ${status} ${JSON.stringify({ ...fields, date: 'masked' })}\n`
    })
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part
      if (leaveAfter !== undefined && text.includes(leaveAfter)) session.destroy()
    })
    stream.on('close', () => {
      session.close()
      resolve(head + text)
    })
    if (body !== undefined) setTimeout(() => stream.end(body), 20)
  })
}
