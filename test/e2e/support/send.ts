import { request } from 'node:http'

/** A request as it goes out. */
export interface Sent {
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string | string[]>>
  readonly body?: string
}

/** Sends a request as it is, also with headers that `fetch` keeps to itself; gives the status. */
export function send(url: string, sent: Sent): Promise<number> {
  const { method = 'GET', path = '/v1/orders', headers = {}, body } = sent
  return new Promise((resolve, reject) => {
    const outgoing = request(new URL(path, url), { method, headers, agent: false }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0))
    })
    outgoing.on('error', reject).end(body)
  })
}

export const bearer = (token: string): { authorization: string } => ({
  authorization: `Bearer ${token}`,
})
