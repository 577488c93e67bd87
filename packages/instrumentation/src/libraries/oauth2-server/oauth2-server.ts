import type { LibraryDefinition } from '../../hooks/library.ts'
import { observeAuthenticate } from './authenticate.ts'
import { observeAuthorize, observeToken } from './issue.ts'

/**
 * Authorization servers and resources over @node-oauth/oauth2-server, whose tokens an application
 * keeps itself. It has no issuer, and no call for a revocation: applications do that in their own
 * store.
 */
export const oauth2Server: LibraryDefinition = {
  name: 'oauth2-server',
  module: '@node-oauth/oauth2-server',
  versions: ['>=5.0.0 <6'],
  hooks: [
    { exportName: 'prototype.authenticate', observe: observeAuthenticate },
    { exportName: 'prototype.authorize', observe: observeAuthorize },
    { exportName: 'prototype.token', observe: observeToken },
  ],
}
