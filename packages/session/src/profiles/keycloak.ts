import type { IssuerProfile } from './issuer-profile.ts'

/**
 * Keycloak: an issuer is a realm. `azp` is the client, `sid` the sign-in of a user, shared by the
 * clients that take part in it (`session_state` before version 22). The user of a service account
 * has an id of its own, but a reserved name
 * (`ServiceAccountConstants.SERVICE_ACCOUNT_USER_PREFIX`). Roles of clients stand under
 * `resource_access.<client>.roles`: an operator names the client.
 */
export const keycloak: IssuerProfile = {
  name: 'keycloak',
  issuers: /^https?:\/\/[^/?#]+(?:\/[^?#]*)?\/realms\/[^/?#]+$/,
  client: [['azp']],
  tokenId: [['jti']],
  session: [['sid'], ['session_state']],
  grant: [['grant_id']],
  tenant: [],
  roles: [['realm_access', 'roles'], ['groups']],
  machine: [{ claim: 'preferred_username', is: ['service-account-{client}'] }],
}
