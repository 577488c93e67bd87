import { isObject } from './claims.ts'
import type {
  HookedRequest,
  LibraryDefinition,
  ObservedCall,
  ObservedFact,
} from '../hooks/library.ts'
import { readMcpChallenge, toMcpGood, toMcpRefused } from './mcp-auth.ts'
import { watchAnsweringMiddleware } from '../hooks/watch/watch-answering-middleware.ts'
import { watchProduced } from '../hooks/watch/watch-produced.ts'

/** Version 1 of the MCP SDK, which applications import by file. */
export const mcpSdk: LibraryDefinition = {
  name: 'mcp-sdk',
  module: '@modelcontextprotocol/sdk',
  versions: ['>=1.7.0 <2'],
  onlyInFiles: true,
  withoutMain: true,
  hooks: [
    {
      exportName: 'requireBearerAuth',
      files: ['esm', 'cjs'].map((build) => `dist/${build}/server/auth/middleware/bearerAuth.js`),
      watch: watchProduced(watchAnsweringMiddleware),
      observe,
    },
  ],
}

/** `(request, response, next)`. */
function observe(call: ObservedCall, request: HookedRequest, hook: string): ObservedFact {
  const { args, outcome } = call
  if (outcome.kind === 'threw') {
    const { error: response } = outcome
    const { ServerResponse } = process.getBuiltinModule('node:http')
    const challenge =
      response instanceof ServerResponse ? response.getHeader('WWW-Authenticate') : undefined
    return toMcpRefused(readMcpChallenge(challenge), request, hook)
  }
  return toMcpGood(isObject(args[0]) ? args[0]['auth'] : undefined, hook)
}
