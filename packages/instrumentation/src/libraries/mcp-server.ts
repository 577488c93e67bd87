import { isObject } from './claims.ts'
import { classNameOf, messageMatches, readForeignError } from './foreign-error.ts'
import type {
  HookedRequest,
  LibraryDefinition,
  ObservedCall,
  ObservedFact,
} from '../hooks/library.ts'
import { readMcpChallenge, toMcpGood, toMcpRefused } from './mcp-auth.ts'
import { watchProduced } from '../hooks/watch/watch-produced.ts'
import { watchOpenResult } from '../hooks/watch/watch-result.ts'

/**
 * Version 2 of the MCP SDK. `requireBearerAuth` of `@modelcontextprotocol/express` and its like
 * call `verifyBearerToken` here; `requireBearerAuth` of this package is for `fetch` handlers.
 */
export const mcpServer: LibraryDefinition = {
  name: 'mcp-server',
  module: '@modelcontextprotocol/server',
  versions: ['>=2.0.0 <3'],
  hooks: [
    { exportName: 'verifyBearerToken', watch: watchOpenResult, observe: observeVerify },
    {
      exportName: 'requireBearerAuth',
      watch: watchProduced(watchOpenResult),
      observe: observeGate,
    },
  ],
}

/** `verifyBearerToken(authorizationHeader, options)`. */
function observeVerify(call: ObservedCall, request: HookedRequest, hook: string): ObservedFact {
  if (call.outcome.kind === 'returned') return toMcpGood(call.outcome.value, hook)
  const { error } = call.outcome
  const [, options] = call.args
  const refusal = {
    code: classNameOf(error) === 'OAuthError' ? readForeignError(error).code : undefined,
    says: (pattern: RegExp) => messageMatches(error, pattern),
    requiredScopes: isObject(options) ? options['requiredScopes'] : undefined,
  }
  return toMcpRefused(refusal, request, hook)
}

/** `(request)`: gives the token's `AuthInfo`, or the `Response` that refuses. */
function observeGate(
  { outcome }: ObservedCall,
  request: HookedRequest,
  hook: string,
): ObservedFact {
  if (outcome.kind === 'threw') return undefined
  const { value } = outcome
  if (!(value instanceof Response)) return toMcpGood(value, hook)
  return toMcpRefused(readMcpChallenge(value.headers.get('WWW-Authenticate')), request, hook)
}
