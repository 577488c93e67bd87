import { request } from 'node:http'
import type { RequestOptions } from 'node:http'

/** Sends one GET request and reads the whole response. */
export function send(
  port: number,
  options: RequestOptions,
): Promise<{ readonly status: number | undefined }> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, timeout: 10_000, ...options }, (response) => {
      response.on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode }))
      response.resume()
    })
    sent.on('error', reject)
    sent.end()
  })
}
