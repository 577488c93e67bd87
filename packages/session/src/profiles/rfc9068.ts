import type { IssuerProfile } from './issuer-profile.ts'

/**
 * JWT access tokens as RFC 9068 has them, and the profile of every issuer that no other one is for.
 * Roles, groups and entitlements: RFC 9068 §2.2.3.1.
 */
export const rfc9068: IssuerProfile = {
  name: 'rfc9068',
  client: [['client_id']],
  tokenId: [['jti']],
  session: [['sid']],
  grant: [['grant_id']],
  tenant: [],
  roles: [['roles'], ['groups'], ['entitlements']],
  machine: [],
}
