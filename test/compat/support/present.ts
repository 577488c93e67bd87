import { send } from '../../e2e/support/send.ts'
import type { Issuer, Presented } from './issuer.ts'

/** Where else in a request credentials may stand; nothing of it may show up anywhere. */
const CANARIES = {
  cookie: 'session=canary-cookie; __Host-id=canary-host-cookie',
  referer: 'https://app.example.com/callback?code=canary-referer-code',
  'x-api-key': 'canary-api-key',
  'proxy-authorization': 'Basic canary-proxy',
}
const QUERY = '?code=canary-code&state=canary-state&id_token_hint=canary-id-token'

/** Sends a request with a token of that kind, and canaries elsewhere; gives the status. */
export function present(
  url: string,
  issuer: Issuer,
  presented: Presented,
  path = '/v1/orders/7',
): Promise<number> {
  const token = issuer.tokenOf(presented)
  return send(url, {
    path: path + QUERY,
    headers: { ...CANARIES, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
  })
}
