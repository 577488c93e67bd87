import type { ValidationMethod, VerifiedToken } from '@tokentrail/session'
import { copyClaims, isObject } from './claims.ts'
import { toHeaderFacts } from './jwt-header.ts'
import { toKeycloakReason } from './keycloak-connect-reasons.ts'
import type {
  HookedRequest,
  LibraryDefinition,
  ObservedCall,
  ObservedFact,
} from '../hooks/library.ts'
import { watchEntry } from '../hooks/watch/watch-entry.ts'
import { watchProduced } from '../hooks/watch/watch-produced.ts'

const files = ['middleware/auth-utils/grant-manager.js']

/**
 * Keycloak's adapter keycloak-connect 12 to 26. Its middleware drops the reason of a refusal, so
 * the hook sits below it, in the `GrantManager`. Where the adapter keeps its grant in the
 * application's session, the session stands for the token.
 */
export const keycloakConnect: LibraryDefinition = {
  name: 'keycloak-connect',
  module: 'keycloak-connect',
  versions: ['>=12.0.0 <27'],
  hooks: [
    { exportName: 'prototype.validateToken', files, observe: observeValidation },
    { exportName: 'prototype.validateAccessToken', files, observe: observeIntrospection },
    { exportName: 'prototype.protect', watch: watchProduced(watchEntry), observe: observeGuard },
    { exportName: 'prototype.enforcer', watch: watchProduced(watchEntry), observe: observeGuard },
  ],
}

/**
 * `validateToken(token, expectedType)`. The signature is checked last (`grant-manager.js`), so
 * nothing is proven of a token that was refused.
 */
function observeValidation(
  { args, outcome }: ObservedCall,
  request: HookedRequest,
  hook: string,
): ObservedFact {
  const [subject, expectedType] = args
  const token = readToken(subject)
  if (token === undefined || expectedType !== 'Bearer') return undefined
  if (outcome.kind === 'returned') return toGood(subject, token, 'jwt', request, hook)
  const reason = toKeycloakReason(outcome.error, subject)
  return { rejection: { token, reason, hook, ...readHeader(subject) } }
}

/** `validateAccessToken(token)`: gives the token, or `false` when the server calls it inactive. */
function observeIntrospection(
  { args, outcome }: ObservedCall,
  request: HookedRequest,
  hook: string,
): ObservedFact {
  const [subject] = args
  const token = readToken(subject)
  if (token === undefined) return undefined
  if (outcome.kind === 'threw')
    return { rejection: { token, reason: 'verifier_unavailable', hook } }
  if (outcome.value === false) return { rejection: { token, reason: 'inactive', hook } }
  return toGood(subject, token, 'introspection', request, hook)
}

/** `(request, response, next)`: refuses what has no grant, or sends it to the login. */
function observeGuard(
  { args }: ObservedCall,
  { token }: HookedRequest,
  hook: string,
): ObservedFact {
  const [guarded] = args
  const kauth = isObject(guarded) ? guarded['kauth'] : undefined
  const hasGrant = isObject(kauth) && kauth['grant'] !== undefined
  return hasGrant || token !== undefined ? undefined : { rejection: { reason: 'missing', hook } }
}

function toGood(
  subject: unknown,
  token: string,
  method: ValidationMethod,
  request: HookedRequest,
  hook: string,
): ObservedFact {
  const content = isObject(subject) ? subject['content'] : undefined
  const claims = copyClaims(content)
  const good: VerifiedToken = { token, method, hook, claims, ...readHeader(subject) }
  return request.token === undefined ? { session: good } : { verified: good }
}

/** The adapter's `Token` has the text, or is the text itself. */
function readToken(subject: unknown): string | undefined {
  const token = isObject(subject) ? subject['token'] : subject
  return typeof token === 'string' && token !== '' ? token : undefined
}

function readHeader(subject: unknown): ReturnType<typeof toHeaderFacts> {
  return isObject(subject) ? toHeaderFacts(subject['header']) : {}
}
