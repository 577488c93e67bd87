import type { EventEmitter } from 'node:events'
import type { EventFacts } from '@tokentrail/session'
import type { LibraryDefinition, ReportFacts } from '../../hooks/library.ts'
import { readBackchannel, readDestroyed, readGrantRevoked, readLogout } from './ended.ts'
import { readIntrospection } from './introspected.ts'
import { readAuthorization, readDevice, readGrant } from './issued.ts'
import { readMember, readString } from '../../hooks/members.ts'
import { readRefusal } from './refused.ts'

/** Reads what an event of the provider says; `args` are what its listeners get. */
type ReadEvent = (args: readonly unknown[], hook: string, issuer: string) => readonly EventFacts[]

const readGone: ReadEvent = ([model], hook, issuer) => readDestroyed(model, issuer, hook)
const readError: ReadEvent = ([context, error], hook) => readRefusal(context, error, hook)
const readClientChange: ReadEvent = ([, client], hook, iss) => {
  const clientId = readString(client, 'clientId')
  return clientId === undefined ? [] : [{ kind: 'client_changed', hook, known: { iss }, clientId }]
}

/**
 * Events of oidc-provider 9 (`docs/events.md`; their arguments begin with the Koa context, those of
 * models are the model alone). Left out: errors of `userinfo` and of the registration endpoints,
 * which are requests with a token of their own, and events of models that are cookies.
 */
const EVENTS: { readonly [event: string]: ReadEvent } = {
  'grant.success': ([context], hook) => readGrant(context, hook),
  'authorization.success': ([context, out], hook) => readAuthorization(context, out, hook),
  'device_authorization.success': ([context, body], hook) => readDevice(context, body, hook),
  'grant.revoked': ([context, grantId], hook) => readGrantRevoked(context, grantId, hook),
  'access_token.destroyed': readGone,
  'client_credentials.destroyed': readGone,
  'refresh_token.destroyed': readGone,
  'end_session.success': ([context], hook) => readLogout(context, hook),
  'backchannel.success': (args, hook) => readBackchannel(args, hook),
  'registration_create.success': readClientChange,
  'registration_update.success': readClientChange,
  'registration_delete.success': readClientChange,
  'grant.error': readError,
  'authorization.error': readError,
  'backchannel_authentication.error': readError,
  'device_authorization.error': readError,
  'introspection.error': readError,
  'pushed_authorization_request.error': readError,
  'revocation.error': readError,
  server_error: readError,
}

/**
 * Authorization servers built with oidc-provider. They are heard from their first event on, however
 * they are mounted: `emit` is called on the provider itself.
 */
export const oidcProvider: LibraryDefinition = {
  name: 'oidc-provider',
  module: 'oidc-provider',
  versions: ['>=9.0.0 <10'],
  hooks: [
    {
      exportName: 'default.prototype.emit',
      listen(provider, report) {
        const issuer = readString(provider, 'issuer') ?? ''
        const refused = new WeakSet<object>()
        for (const [event, read] of Object.entries(EVENTS)) {
          const hook = `oidc-provider.${event}`
          const listener = (...args: readonly unknown[]): void =>
            report(() => {
              const first = read !== readError || isFirst(refused, args[0])
              return first ? read(args, hook, issuer).map((fact) => ({ event: fact })) : []
            })
          ;(provider as EventEmitter).on(event, listener)
        }
      },
    },
    {
      exportName: 'default.prototype.callback',
      listen: (provider, report) => answerWatch(provider, report),
    },
  ],
}

/** An authorization error may be told twice, when its redirect URI is refused too. */
function isFirst(seen: WeakSet<object>, context: unknown): boolean {
  if (typeof context !== 'object' || context === null) return true
  if (seen.has(context)) return false
  seen.add(context)
  return true
}

/** No event tells of an introspection: a middleware, the provider's own way to look at answers. */
function answerWatch(provider: object, report: ReportFacts): void {
  const use = readMember(provider, 'use')
  if (typeof use !== 'function') return
  const watch = async (context: unknown, next: () => Promise<unknown>): Promise<void> => {
    await next()
    report(() =>
      readIntrospection(context, 'oidc-provider.introspection').map((fact) => ({ event: fact })),
    )
  }
  Reflect.apply(use, provider, [watch])
}
