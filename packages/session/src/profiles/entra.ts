import type { IssuerProfile } from './issuer-profile.ts'

/**
 * Microsoft Entra ID, tokens of version 2.0 and 1.0: the client is `azp` or `appid`, the token's id
 * `uti` (there is no `jti`), the tenant `tid`. A token for an application alone has `idtyp` `app`,
 * where that optional claim is asked for, and the same `sub` and `oid` always; a user's `sub` is
 * made for one application and never equals `oid`.
 */
export const entra: IssuerProfile = {
  name: 'entra',
  issuers:
    /^https:\/\/(?:login\.microsoftonline\.(?:com|us)|login\.partner\.microsoftonline\.cn|sts\.windows\.net)\/[0-9a-f-]{36}\/(?:v2\.0)?$/i,
  client: [['azp'], ['appid']],
  tokenId: [['uti']],
  session: [['sid']],
  grant: [['grant_id']],
  tenant: [['tid']],
  roles: [['roles'], ['groups'], ['wids']],
  machine: [
    { claim: 'idtyp', is: ['app'] },
    { claim: 'sub', is: ['{oid}'] },
  ],
}
