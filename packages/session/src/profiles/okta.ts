import type { IssuerProfile } from './issuer-profile.ts'

/**
 * Okta: the client is `cid`, scopes are the list `scp`, and a service's token has the client as its
 * subject. A user's `sub` is the login name, so the same person keeps one pseudonym only while the
 * name stays. Groups exist where the authorization server has a claim for them.
 */
export const okta: IssuerProfile = {
  name: 'okta',
  issuers:
    /^https:\/\/[a-z0-9-]+\.(?:okta|oktapreview|okta-emea|okta-gov)\.com(?:\/oauth2\/[A-Za-z0-9_-]+)?$/,
  client: [['cid']],
  tokenId: [['jti']],
  session: [['sid']],
  grant: [['grant_id']],
  tenant: [],
  roles: [['groups']],
  machine: [],
}
