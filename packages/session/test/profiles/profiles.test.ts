import { describe, expect, it } from 'vitest'
import { PROFILE_NAMES, recogniseProfile } from '../../src/index.ts'
import {
  createProfileFinder,
  type ProfileFinderOptions,
} from '../../src/profiles/profile-finder.ts'
import { readTokenFacts, type TokenFacts } from '../../src/token/token-facts.ts'
import { createTestPseudonymizer } from '../keyed.ts'
import { verifiedWith } from '../requests.ts'
import { DOCUMENTED_TOKENS } from './documented-tokens.ts'

const pseudonyms = createTestPseudonymizer()

function factsOf(claims: object, options: ProfileFinderOptions = { roles: true }): TokenFacts {
  return readTokenFacts(verifiedWith(claims), 'fingerprint', {
    pseudonyms,
    identification: 'pseudonym',
    profileOf: createProfileFinder(options),
  })
}

describe('a token in the form of the documentation', () => {
  it.each(DOCUMENTED_TOKENS)('is read: $what', ({ expected, payload, profile }) => {
    const { attributes, session } = factsOf(payload)
    expect(recogniseProfile(String(payload['iss'])).name).toBe(profile)
    expect({
      client: attributes['oauth.client.id'],
      tokenId: attributes['oauth.token.id'],
      subjectType: attributes['oauth.token.subject_type'],
      rule: session.rule,
      signIn: attributes['oauth.oidc.session.id'] === undefined ? undefined : true,
      tenant: attributes['oauth.tenant.id'],
      roles: attributes['user.roles'],
      scopes: attributes['oauth.token.scopes'],
    }).toEqual(expected)
  })

  it('never shows a name or address of its person', () => {
    const personal = ['name', 'preferred_username', 'username', 'clientAddress', 'device_key']
    const shown = DOCUMENTED_TOKENS.flatMap(({ payload }) => {
      const said = JSON.stringify(factsOf(payload).attributes)
      return personal.filter((name) => name in payload && said.includes(String(payload[name])))
    })
    expect(shown).toEqual([])
  })
})

describe('an issuer', () => {
  it.each([
    ['https://eu.tenant.auth0.com/', 'auth0'],
    ['https://tenant.auth0.com', 'rfc9068'],
    ['https://auth0.com.evil.example/', 'rfc9068'],
    ['https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0', 'entra'],
    ['https://login.microsoftonline.com/common/v2.0', 'rfc9068'],
    ['https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_abc123', 'cognito'],
    ['https://sso.example.com/auth/realms/a', 'keycloak'],
    ['http://localhost:8080/realms/a', 'keycloak'],
    ['https://sso.example.com/realms/a/b', 'rfc9068'],
    ['https://example.okta.com', 'okta'],
    ['https://example.okta.com/oauth2/default', 'okta'],
    ['https://as.example.com/', 'rfc9068'],
  ])('%s is recognised as %s', (issuer, profile) => {
    expect(recogniseProfile(issuer).name).toBe(profile)
  })

  it('at an address of its own has the profile that the operator names', () => {
    const claims = { iss: 'https://login.example.com/', sub: 'a', azp: 'app', uti: 'token-1' }
    const issuers = [{ issuer: 'https://login.example.com/', profile: 'entra' }]
    expect(factsOf(claims).attributes['oauth.token.id']).toBeUndefined()
    expect(factsOf(claims, { issuers }).attributes['oauth.token.id']).toBe('token-1')
  })

  it('with an unknown profile is refused by name', () => {
    const issuers = [{ issuer: 'https://login.example.com/', profile: 'azure' }]
    expect(() => createProfileFinder({ issuers })).toThrow(
      `"profile" of https://login.example.com/ must be one of ${PROFILE_NAMES.join(', ')}`,
    )
  })
})

describe('roles', () => {
  const claims = {
    iss: 'https://sso.example.com/realms/a',
    sub: 'a',
    azp: 'app',
    realm_access: { roles: ['admin', 'admin', 7] },
    groups: ['staff'],
    resource_access: { 'orders-api': { roles: ['reader'] } },
  }

  it('are read only where the operator wants them', () => {
    expect(factsOf(claims, {}).attributes['user.roles']).toBeUndefined()
    expect(factsOf(claims, { roles: true }).attributes['user.roles']).toEqual(['admin', 'staff'])
  })

  it('are read from the claim that the operator names', () => {
    const issuer = claims.iss
    const rolesAt = (roles: string): unknown =>
      factsOf(claims, { issuers: [{ issuer, roles }] }).attributes['user.roles']
    expect(rolesAt('resource_access.orders-api.roles')).toEqual(['reader'])
    expect(rolesAt('resource_access.other.roles')).toBeUndefined()
    expect(rolesAt('__proto__.roles')).toBeUndefined()
  })

  it('and tenants may stand in a claim whose name has dots', () => {
    const iss = 'https://tenant.auth0.com/'
    const named = { iss, sub: 'a', 'https://example.com/roles': ['editor'], region: { id: 'eu' } }
    const issuers = [{ issuer: iss, roles: 'https://example.com/roles', tenant: 'region.id' }]
    expect(factsOf(named, { issuers }).attributes).toMatchObject({
      'user.roles': ['editor'],
      'oauth.tenant.id': 'eu',
    })
  })
})

describe('a sign of a machine', () => {
  it('is none where a person only has a similar name', () => {
    const claims = {
      iss: 'https://sso.example.com/realms/a',
      sub: 'a',
      azp: 'app',
      preferred_username: 'service-account-other',
    }
    expect(factsOf(claims).attributes['oauth.token.subject_type']).toBe('user')
  })

  it('counts with the issuer that it belongs to, and with no other', () => {
    const claims = { iss: 'https://as.example.com', sub: 'a', azp: 'app', idtyp: 'app' }
    expect(factsOf(claims).attributes['oauth.token.subject_type']).toBe('user')
  })
})

describe('authorization details (RFC 9396)', () => {
  const typesOf = (authorization_details: unknown): unknown =>
    factsOf({ iss: 'https://as.example.com', sub: 'a', authorization_details }).attributes[
      'oauth.authorization_details.types'
    ]

  it('are recorded by type, each once, and nothing else of them', () => {
    const details = [
      { type: 'payment_initiation', creditorAccount: { iban: 'DE02100100109307118603' } },
      { type: 'account_information' },
      { type: 'payment_initiation' },
    ]
    expect(typesOf(details)).toEqual(['payment_initiation', 'account_information'])
  })

  it.each([[undefined], [null], ['payment'], [{}], [[]], [[null, 7, { type: 7 }, {}]]])(
    'that are %j have none',
    (details) => {
      expect(typesOf(details)).toBeUndefined()
    },
  )
})
