import type { IssuerProfile } from './issuer-profile.ts'

/**
 * Auth0, in both of its token profiles: `azp` and `gty`, or those of RFC 9068 (`client_id`, `jti`).
 * The default profile has neither token id nor session, so a session is one token. Roles exist only
 * as custom claims whose names an operator knows.
 */
export const auth0: IssuerProfile = {
  name: 'auth0',
  issuers: /^https:\/\/[a-z0-9-]+(?:\.[a-z0-9-]+)*\.auth0\.com\/$/,
  client: [['client_id'], ['azp']],
  tokenId: [['jti']],
  session: [['sid']],
  grant: [['grant_id']],
  tenant: [['org_id']],
  roles: [],
  machine: [
    { claim: 'gty', is: ['client-credentials'] },
    { claim: 'sub', is: ['{client}@clients'] },
  ],
}
