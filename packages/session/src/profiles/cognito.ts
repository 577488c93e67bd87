import type { IssuerProfile } from './issuer-profile.ts'

/**
 * Amazon Cognito: an issuer is a user pool. `origin_jti` names the refresh token that a token comes
 * from and ends with its revocation: the token family. A machine's token has its client as
 * subject.
 */
export const cognito: IssuerProfile = {
  name: 'cognito',
  issuers: /^https:\/\/cognito-idp\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?\/[a-z0-9-]+_[A-Za-z0-9]+$/,
  client: [['client_id']],
  tokenId: [['jti']],
  session: [],
  grant: [['origin_jti']],
  tenant: [],
  roles: [['cognito:groups']],
  machine: [],
}
