import { send } from '../../e2e/support/send.ts'
import type { Issuer, Presented } from './issuer.ts'

/** Sends a request with a token of that kind; gives the status. */
export function present(
  url: string,
  issuer: Issuer,
  presented: Presented,
  path = '/v1/orders/7',
): Promise<number> {
  const token = issuer.tokenOf(presented)
  return send(url, {
    path,
    headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
  })
}
