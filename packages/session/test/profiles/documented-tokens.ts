/**
 * Payloads of access tokens in the form that the products' documentation shows, with the page.
 * Names and values of people, clients and tenants are made up or the page's own placeholders.
 */
export interface DocumentedToken {
  readonly what: string
  /** Where its form is documented. */
  readonly page: string
  readonly profile: string
  readonly payload: { readonly [name: string]: unknown }
  readonly expected: {
    readonly client?: string
    readonly tokenId?: string
    readonly subjectType: 'user' | 'client' | 'unknown'
    readonly rule: 'sid' | 'grant' | 'auth_time' | 'token'
    readonly signIn?: true
    readonly tenant?: string
    readonly roles?: readonly string[]
    readonly scopes?: readonly string[]
  }
}

const KEYCLOAK = {
  exp: 1_787_000_300,
  iat: 1_787_000_000,
  iss: 'https://sso.example.com/realms/demo',
  aud: 'account',
  typ: 'Bearer',
  acr: '1',
  'allowed-origins': ['https://app.example.com'],
  realm_access: { roles: ['offline_access', 'uma_authorization', 'default-roles-demo'] },
  resource_access: { account: { roles: ['manage-account', 'view-profile'] } },
  scope: 'email profile',
  email_verified: false,
}

const COGNITO = {
  iss: 'https://cognito-idp.us-west-2.amazonaws.com/us-west-2_example',
  version: 2,
  token_use: 'access',
  exp: 1_676_316_416,
  iat: 1_676_312_816,
  jti: 'aaaaaaaa-bbbb-cccc-dddd-ffffffffffff',
}

const ENTRA = {
  aud: '6e74172b-be56-4843-9ff4-e66a39bb12e3',
  iss: 'https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0',
  iat: 1_537_231_048,
  nbf: 1_537_231_048,
  exp: 1_537_234_948,
  azp: '2846f71b-a7a4-4987-bab3-760035b2f389',
  azpacr: '1',
  tid: '72f988bf-86f1-41af-91ab-2d7cd011db47',
  uti: 'fqiBqXLPj0eQa82S-IYFAA',
  ver: '2.0',
}

const AUTH0 = {
  iss: 'https://my-domain.auth0.com/',
  aud: ['https://example.com/health-api', 'https://my-domain.auth0.com/userinfo'],
  exp: 1_311_281_970,
  iat: 1_311_280_970,
}

const OKTA = {
  ver: 1,
  jti: 'AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE',
  iss: 'https://example.okta.com/oauth2/default',
  aud: 'api://default',
  iat: 1_449_624_026,
  exp: 1_449_627_626,
}

export const DOCUMENTED_TOKENS: readonly DocumentedToken[] = [
  {
    what: 'a user of Keycloak',
    page: 'https://phasetwo.io/tutorials/getting-started/your-first-token/',
    profile: 'keycloak',
    payload: {
      ...KEYCLOAK,
      jti: 'onrtac:d58f5dc8-fd8f-462b-8a19-716f8f83985b',
      sub: '36fa0f91-f94d-4a0c-afed-6b7d952e47da',
      azp: 'demo-app',
      sid: '2a88c258-f73a-4103-b862-e1fbd8f4e04e',
      preferred_username: 'alice',
    },
    expected: {
      client: 'demo-app',
      tokenId: 'onrtac:d58f5dc8-fd8f-462b-8a19-716f8f83985b',
      subjectType: 'user',
      rule: 'sid',
      signIn: true,
      roles: ['offline_access', 'uma_authorization', 'default-roles-demo'],
      scopes: ['email', 'profile'],
    },
  },
  {
    what: 'a user of Keycloak before version 22',
    page: 'https://gist.github.com/volkflo/8ce36aa6861596c10e1092f1b39603c6',
    profile: 'keycloak',
    payload: {
      ...KEYCLOAK,
      iss: 'https://sso.example.com/auth/realms/PAS',
      jti: '003599cf-f23c-482a-a21f-6e0b11efa9df',
      sub: '71f150d0-41f6-11e7-a49f-4943fdcbc832',
      azp: 'kibana',
      session_state: 'f10bf2e1-182b-466a-a0bf-d92f661333f6',
    },
    expected: {
      client: 'kibana',
      tokenId: '003599cf-f23c-482a-a21f-6e0b11efa9df',
      subjectType: 'user',
      rule: 'sid',
      signIn: true,
      roles: ['offline_access', 'uma_authorization', 'default-roles-demo'],
      scopes: ['email', 'profile'],
    },
  },
  {
    what: 'a service account of Keycloak',
    page: 'https://docs.pistis-market.eu/developers/keycloak/service-accounts',
    profile: 'keycloak',
    payload: {
      ...KEYCLOAK,
      jti: 'trrtcc:19b582b8-28c5-4a7e-ae0b-0500e11c6bd4',
      sub: 'd952cf23-bf92-4c8f-a3ff-4972b4f2bc5b',
      azp: 'Batch-Job',
      clientHost: '192.0.2.7',
      clientAddress: '192.0.2.7',
      client_id: 'Batch-Job',
      preferred_username: 'service-account-batch-job',
    },
    expected: {
      client: 'Batch-Job',
      tokenId: 'trrtcc:19b582b8-28c5-4a7e-ae0b-0500e11c6bd4',
      subjectType: 'client',
      rule: 'token',
      roles: ['offline_access', 'uma_authorization', 'default-roles-demo'],
      scopes: ['email', 'profile'],
    },
  },
  {
    what: 'a user of Auth0',
    page: 'https://auth0.com/docs/secure/tokens/access-tokens/access-token-profiles',
    profile: 'auth0',
    payload: {
      ...AUTH0,
      sub: 'auth0|123456',
      azp: 'my_client_id',
      scope: 'openid profile read:patients read:admin',
      my_custom_claim: 'my_custom_value',
    },
    expected: {
      client: 'my_client_id',
      subjectType: 'user',
      rule: 'token',
      scopes: ['openid', 'profile', 'read:patients', 'read:admin'],
    },
  },
  {
    what: 'a user of Auth0 by RFC 9068, in an organization',
    page: 'https://auth0.com/docs/secure/tokens/access-tokens/access-token-profiles',
    profile: 'auth0',
    payload: {
      ...AUTH0,
      sub: 'auth0|123456',
      client_id: 'my_client_id',
      jti: '73WakrfVbNJBaAmhQtEeDv',
      scope: 'openid profile',
      org_id: 'org_9ybsU1dN2dKfDkBi',
    },
    expected: {
      client: 'my_client_id',
      tokenId: '73WakrfVbNJBaAmhQtEeDv',
      subjectType: 'user',
      rule: 'token',
      tenant: 'org_9ybsU1dN2dKfDkBi',
      scopes: ['openid', 'profile'],
    },
  },
  {
    what: 'a machine of Auth0',
    page: 'https://auth0.com/docs/secure/tokens/access-tokens/access-token-profiles',
    profile: 'auth0',
    payload: {
      ...AUTH0,
      sub: 'awZfdIir8YFdGZWkvCejDoUb7SjTDicx@clients',
      azp: 'awZfdIir8YFdGZWkvCejDoUb7SjTDicx',
      gty: 'client-credentials',
      scope: 'read:patients',
    },
    expected: {
      client: 'awZfdIir8YFdGZWkvCejDoUb7SjTDicx',
      subjectType: 'client',
      rule: 'token',
      scopes: ['read:patients'],
    },
  },
  {
    what: 'a machine of Auth0 by RFC 9068, which has no gty',
    page: 'https://auth0.com/docs/secure/tokens/access-tokens/access-token-profiles',
    profile: 'auth0',
    payload: {
      ...AUTH0,
      sub: 'awZfdIir8YFdGZWkvCejDoUb7SjTDicx@clients',
      client_id: 'awZfdIir8YFdGZWkvCejDoUb7SjTDicx',
      jti: 'pDEtRNqRgMs0Ck3J3cRtBu',
    },
    expected: {
      client: 'awZfdIir8YFdGZWkvCejDoUb7SjTDicx',
      tokenId: 'pDEtRNqRgMs0Ck3J3cRtBu',
      subjectType: 'client',
      rule: 'token',
    },
  },
  {
    what: 'a user of Entra ID, version 2.0',
    page: 'https://learn.microsoft.com/en-us/entra/identity-platform/access-token-claims-reference',
    profile: 'entra',
    payload: {
      ...ENTRA,
      name: 'Abe Lincoln',
      oid: '690222be-ff1a-4d56-abd1-7e4f7d38e474',
      preferred_username: 'abeli@example.com',
      roles: ['Orders.Admin'],
      groups: ['9c6f1c5e-0000-4f0a-9a53-1f6f6f3f9d11'],
      scp: 'access_as_user',
      sid: '45f1b8a2-0000-4a0b-8d41-5d2a1b6a1f00',
      sub: 'HKZpfaHyWadeOouYlitjrI-KffTm222X5rrV3xDqfKQ',
    },
    expected: {
      client: '2846f71b-a7a4-4987-bab3-760035b2f389',
      tokenId: 'fqiBqXLPj0eQa82S-IYFAA',
      subjectType: 'user',
      rule: 'sid',
      signIn: true,
      tenant: '72f988bf-86f1-41af-91ab-2d7cd011db47',
      roles: ['Orders.Admin', '9c6f1c5e-0000-4f0a-9a53-1f6f6f3f9d11'],
      scopes: ['access_as_user'],
    },
  },
  {
    what: 'an application of Entra ID, with the optional claim idtyp',
    page: 'https://learn.microsoft.com/en-us/entra/identity-platform/optional-claims-reference',
    profile: 'entra',
    payload: {
      ...ENTRA,
      idtyp: 'app',
      oid: '7c1a2b3c-0000-4c0a-8a53-1f6f6f3f9d11',
      roles: ['Orders.Read.All'],
      sub: 'a-subject-of-its-own',
    },
    expected: {
      client: '2846f71b-a7a4-4987-bab3-760035b2f389',
      tokenId: 'fqiBqXLPj0eQa82S-IYFAA',
      subjectType: 'client',
      rule: 'token',
      tenant: '72f988bf-86f1-41af-91ab-2d7cd011db47',
      roles: ['Orders.Read.All'],
    },
  },
  {
    what: 'an application of Entra ID, version 1.0, without idtyp',
    page: 'https://learn.microsoft.com/en-us/entra/identity-platform/access-token-claims-reference',
    profile: 'entra',
    payload: {
      aud: 'https://api.example.com',
      iss: 'https://sts.windows.net/fa15d692-e9c7-4460-a743-29f2956fd429/',
      appid: '75dbe77f-10a3-4e59-85fd-8c127544f17c',
      appidacr: '1',
      oid: '7c1a2b3c-0000-4c0a-8a53-1f6f6f3f9d11',
      sub: '7c1a2b3c-0000-4c0a-8a53-1f6f6f3f9d11',
      tid: 'fa15d692-e9c7-4460-a743-29f2956fd429',
      uti: 'ETH-Ekq4k0m2oM6Ad9g3AA',
      ver: '1.0',
    },
    expected: {
      client: '75dbe77f-10a3-4e59-85fd-8c127544f17c',
      tokenId: 'ETH-Ekq4k0m2oM6Ad9g3AA',
      subjectType: 'client',
      rule: 'token',
      tenant: 'fa15d692-e9c7-4460-a743-29f2956fd429',
    },
  },
  {
    what: 'a user of Okta',
    page: 'https://developer.okta.com/docs/reference/api/oidc/',
    profile: 'okta',
    payload: {
      ...OKTA,
      scp: ['openid', 'email', 'flights', 'custom'],
      cid: 'nmdP1fcyvdVO11AL7ECm',
      uid: '00ugrenMeqvYla4HW0g3',
      sub: 'john.doe@example.com',
      auth_time: 1_449_624_020,
      groups: ['Everyone', 'Admins'],
    },
    expected: {
      client: 'nmdP1fcyvdVO11AL7ECm',
      tokenId: 'AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE',
      subjectType: 'user',
      rule: 'auth_time',
      roles: ['Everyone', 'Admins'],
      scopes: ['openid', 'email', 'flights', 'custom'],
    },
  },
  {
    what: 'a service of Okta',
    page: 'https://developer.okta.com/docs/guides/implement-grant-type/clientcreds/main/',
    profile: 'okta',
    payload: { ...OKTA, scp: ['customScope'], cid: '0oabcdEFGH', sub: '0oabcdEFGH' },
    expected: {
      client: '0oabcdEFGH',
      tokenId: 'AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE',
      subjectType: 'client',
      rule: 'token',
      scopes: ['customScope'],
    },
  },
  {
    what: 'a user of Cognito, with token revocation',
    page: 'https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html',
    profile: 'cognito',
    payload: {
      ...COGNITO,
      sub: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
      device_key: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
      'cognito:groups': ['testgroup'],
      client_id: 'xxxxxxxxxxxxexample',
      origin_jti: 'aaaaaaaa-bbbb-cccc-dddd-aaaaaaaaaaaa',
      event_id: 'aaaaaaaa-bbbb-cccc-dddd-bbbbbbbbbbbb',
      scope: 'phone openid profile resourceserver.1/appclient2 email',
      auth_time: 1_676_313_851,
      username: 'my-test-user',
    },
    expected: {
      client: 'xxxxxxxxxxxxexample',
      tokenId: 'aaaaaaaa-bbbb-cccc-dddd-ffffffffffff',
      subjectType: 'user',
      rule: 'grant',
      roles: ['testgroup'],
      scopes: ['phone', 'openid', 'profile', 'resourceserver.1/appclient2', 'email'],
    },
  },
  {
    what: 'a machine of Cognito',
    page: 'https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html',
    profile: 'cognito',
    payload: {
      ...COGNITO,
      sub: 'xxxxxxxxxxxxexample',
      client_id: 'xxxxxxxxxxxxexample',
      scope: 'resourceserver.1/read',
    },
    expected: {
      client: 'xxxxxxxxxxxxexample',
      tokenId: 'aaaaaaaa-bbbb-cccc-dddd-ffffffffffff',
      subjectType: 'client',
      rule: 'token',
      scopes: ['resourceserver.1/read'],
    },
  },
  {
    what: 'a user, by RFC 9068',
    page: 'https://www.rfc-editor.org/rfc/rfc9068#section-3',
    profile: 'rfc9068',
    payload: {
      iss: 'https://authorization-server.example.com/',
      sub: '5ba552d67',
      aud: 'https://rs.example.com/',
      exp: 1_639_528_912,
      iat: 1_618_354_090,
      jti: 'dbe39bf3a3ba4238a513f51d6e1691c4',
      client_id: 's6BhdRkqt3',
      scope: 'openid profile reademail',
      groups: ['staff'],
      entitlements: ['export'],
    },
    expected: {
      client: 's6BhdRkqt3',
      tokenId: 'dbe39bf3a3ba4238a513f51d6e1691c4',
      subjectType: 'user',
      rule: 'token',
      roles: ['staff', 'export'],
      scopes: ['openid', 'profile', 'reademail'],
    },
  },
]
