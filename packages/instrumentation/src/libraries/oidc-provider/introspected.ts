import type { EventFacts } from '@tokentrail/session'
import { compact, readMember, readString } from '../../hooks/members.ts'
import { readModelToken } from './tokens.ts'

const KINDS = ['AccessToken', 'ClientCredentials', 'RefreshToken']

/** The answer of the introspection endpoint, for a token that is active. */
export function readIntrospection(context: unknown, hook: string): readonly EventFacts[] {
  const oidc = readMember(context, 'oidc')
  if (readString(oidc, 'route') !== 'introspection') return []
  if (readMember(context, 'body', 'active') !== true) return []
  const issuer = readString(oidc, 'issuer') ?? ''
  const value = readString(oidc, 'params', 'token')
  const subject = readString(context, 'body', 'sub')
  const [token] = KINDS.flatMap((kind) => {
    const model = readMember(oidc, 'entities', kind)
    return readModelToken(model, value, issuer, subject) ?? []
  })
  if (token === undefined) return []
  const model = KINDS.map((kind) => readMember(oidc, 'entities', kind)).find(Boolean)
  const grantId = readString(model, 'grantId')
  return [
    {
      kind: 'token_introspected',
      hook,
      token,
      known: compact({ iss: issuer }),
      ...(grantId === undefined ? {} : { grantId }),
    },
  ]
}
