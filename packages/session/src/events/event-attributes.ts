import {
  ATTR_CLIENT_ADDRESS,
  ATTR_COMPLIANCE_FRAMEWORK,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_OAUTH_AUTHENTICATION_CONTEXT_CLASS,
  ATTR_OAUTH_AUTHENTICATION_METHODS,
  ATTR_OAUTH_AUTHENTICATION_TIME,
  ATTR_OAUTH_CLIENT_ID,
  ATTR_OAUTH_FAPI_INTERACTION_ID,
  ATTR_OAUTH_ISSUER,
  ATTR_OAUTH_OIDC_SESSION_ID,
  ATTR_OAUTH_SESSION_DERIVATION,
  ATTR_OAUTH_TENANT_ID,
  ATTR_OAUTH_TOKEN_SCOPES,
  ATTR_OAUTH_TOKEN_SUBJECT,
  ATTR_OAUTH_TOKEN_SUBJECT_TYPE,
  ATTR_URL_PATH,
  ATTR_USER_AGENT_NAME,
  ATTR_USER_AGENT_ORIGINAL,
  ATTR_USER_HASH,
} from '@tokentrail/semantic-conventions'
import type { RequestFacts } from '../facts.ts'
import type { Pseudonymizer } from '../pseudonym.ts'
import type { Attributes, Identity } from '../record.ts'
import type { ClientNaming } from '../recorder/client-naming.ts'
import { toInteractionId, toMethod, toPath, toStatus } from '../request/request-attributes.ts'
import { type AttributeBag, setAttribute } from '../token/token-attributes.ts'

/** The identity set. */
export const WHO: readonly string[] = [
  ATTR_OAUTH_CLIENT_ID,
  ATTR_OAUTH_TOKEN_SCOPES,
  ATTR_USER_HASH,
]

/** What start and end of a session say of it as a whole. */
export const WHOSE_SESSION: readonly string[] = [
  ...WHO,
  ATTR_OAUTH_AUTHENTICATION_CONTEXT_CLASS,
  ATTR_OAUTH_AUTHENTICATION_METHODS,
  ATTR_OAUTH_AUTHENTICATION_TIME,
  ATTR_OAUTH_ISSUER,
  ATTR_OAUTH_OIDC_SESSION_ID,
  ATTR_OAUTH_SESSION_DERIVATION,
  ATTR_OAUTH_TENANT_ID,
  ATTR_OAUTH_TOKEN_SUBJECT,
  ATTR_OAUTH_TOKEN_SUBJECT_TYPE,
]

/** Copies the attributes of a list, where they are there. */
export function pickAttributes(attributes: Attributes, names: readonly string[]): AttributeBag {
  const bag: AttributeBag = {}
  for (const name of names) setAttribute(bag, name, attributes[name])
  return bag
}

/** What the attributes of a request are named with. */
export interface RequestNaming {
  readonly clients: ClientNaming
  readonly pseudonyms: Pseudonymizer
  readonly frameworksOf: (request: RequestFacts | undefined) => readonly string[]
}

/**
 * Sets where an event came from: the request that it happened in, and the frameworks that its route
 * is evidence for. Adds the clear values behind to `identities`.
 */
export function setRequest(
  bag: AttributeBag,
  request: RequestFacts | undefined,
  identities: Identity[],
  { clients, frameworksOf, pseudonyms }: RequestNaming,
): void {
  const frameworks = frameworksOf(request)
  if (frameworks.length > 0) bag[ATTR_COMPLIANCE_FRAMEWORK] = frameworks
  if (request === undefined) return
  const userAgent = clients.userAgentOf(request.userAgent, identities)
  setAttribute(bag, ATTR_CLIENT_ADDRESS, clients.addressOf(request.clientAddress, identities))
  setAttribute(bag, ATTR_HTTP_REQUEST_METHOD, toMethod(request.method))
  setAttribute(bag, ATTR_HTTP_RESPONSE_STATUS_CODE, toStatus(request))
  setAttribute(bag, ATTR_HTTP_ROUTE, request.route)
  setAttribute(bag, ATTR_OAUTH_FAPI_INTERACTION_ID, toInteractionId(request.fapiInteractionId))
  setAttribute(bag, ATTR_URL_PATH, toPath({ request, pseudonyms }))
  setAttribute(bag, ATTR_USER_AGENT_NAME, userAgent?.family)
  setAttribute(bag, ATTR_USER_AGENT_ORIGINAL, userAgent?.pseudonym)
}
