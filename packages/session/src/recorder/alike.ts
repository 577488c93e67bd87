import type { RequestFacts } from '../facts.ts'
import type { Attributes } from '../record.ts'
import type { UserAgent } from './client-naming.ts'

/** A request as far as its attributes tell it from others with the same token and frameworks. */
export interface Likeness {
  readonly method: string
  readonly statusCode: number
  readonly route: string
  readonly address: string | undefined
  readonly userAgent: UserAgent | undefined
}

/** Attributes that were recorded of requests with one token. The recorder owns it. */
export type AlikeRequests = (Likeness & { readonly attributes: Attributes })[]

/** Most kinds of request that are remembered of one token. */
const MAX_ALIKE = 4

/**
 * Gives what a request is like, where other requests may be exactly like it: one that was answered
 * whole, on a route with a template. Undefined for one that has something of its own to say.
 */
export function likenessOf(
  { complete, fapiInteractionId, method, route, statusCode, streaming }: RequestFacts,
  address: string | undefined,
  userAgent: UserAgent | undefined,
): Likeness | undefined {
  if (!complete || streaming === true || fapiInteractionId !== undefined) return undefined
  if (route === undefined || statusCode === undefined) return undefined
  return { method, statusCode, route, address, userAgent }
}

/** Finds the attributes of a request that was exactly like this one. */
export function findAlike(
  requests: AlikeRequests,
  { address, method, route, statusCode, userAgent }: Likeness,
): Attributes | undefined {
  for (const each of requests) {
    if (
      each.route === route &&
      each.method === method &&
      each.statusCode === statusCode &&
      each.address === address &&
      each.userAgent === userAgent
    ) {
      return each.attributes
    }
  }
  return undefined
}

/** Remembers attributes; of more than four kinds those that were remembered first are forgotten. */
export function noteAlike(
  requests: AlikeRequests,
  likeness: Likeness,
  attributes: Attributes,
): void {
  if (requests.length === MAX_ALIKE) requests.shift()
  requests.push({ ...likeness, attributes })
}
