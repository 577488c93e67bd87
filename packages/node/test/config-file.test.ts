import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { readConfigFile, type ConfigFile } from '../src/config-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'tokentrail-policy-'))
const path = join(folder, 'tokentrail.yaml')
afterAll(() => rmSync(folder, { recursive: true }))

const ISSUERS = `
issuers:
  - issuer: https://sso.example.com/realms/shop
    profile: keycloak
    audience: orders
  - issuer: https://as.example.com
    verify: false
    jwks_uri: https://as.example.com/keys
    audience: [a, b]
    introspection:
      endpoint: https://as.example.com/introspect
      client_id: tokentrail
      client_secret_file: /run/secrets/client
    tenant: organization.id
    roles: resource_access.orders.roles
`

function read(text: string): ConfigFile {
  writeFileSync(path, text)
  return readConfigFile(path)
}

describe('the configuration file', () => {
  it('reads a policy', () => {
    const { policy } = read('routes:\n  - match: /v1/patients/**\n    frameworks: [hipaa]\n')
    expect(policy.routes).toEqual([{ match: '/v1/patients/**', frameworks: ['hipaa'] }])
  })

  it('takes an empty file for the empty policy', () => {
    expect(read('# nothing yet\n').policy.routes).toEqual([])
  })

  it.each([
    ['routes:\n  - match: /v1/**\n    frameworks: [hipaa]\n  - match: v1\n', 4, 'routes[1].match'],
    ['routes:\n  - match: /a\n    frameworks: [hipaa, "No Name"]\n', 3, 'routes[0].frameworks[1]'],
    ['routes:\n  - frameworks: [hipaa]\n', 2, 'routes[0].match is missing'],
    ['default: {}\n\nroute: []\n', 3, '"route"'],
    ['routes: [\n', 2, 'in YAML'],
    ['routes: []\nroutes: []\n', 2, 'in YAML'],
    ['- 1\n', 1, 'the policy'],
  ])('names file, line and path of the mistake in %j', (text, line, words) => {
    expect(() => read(text)).toThrow(`${path}:${line}: `)
    expect(() => read(text)).toThrow(words)
    expect(() => read(text)).toThrow(
      expect.objectContaining({ name: 'RecordingError', code: 'ERR_NODE_CONFIG_MALFORMED' }),
    )
  })

  it('reads issuers, with what is said of each', () => {
    const { issuers } = read(ISSUERS)
    expect(issuers).toEqual([
      { issuer: 'https://sso.example.com/realms/shop', profile: 'keycloak', audience: ['orders'] },
      {
        issuer: 'https://as.example.com',
        jwksUri: 'https://as.example.com/keys',
        audience: ['a', 'b'],
        introspection: {
          endpoint: 'https://as.example.com/introspect',
          clientId: 'tokentrail',
          clientSecretFile: '/run/secrets/client',
        },
        tenant: 'organization.id',
        roles: 'resource_access.orders.roles',
        verify: false,
      },
    ])
    expect(read('routes: []\n').issuers).toEqual([])
  })

  it.each([
    ['issuers: x\n', 1, 'issuers must be a list'],
    ['issuers:\n  - https://as.example.com\n', 2, 'issuers[0] must be a mapping with issuer, '],
    ['issuers:\n  - profile: okta\n', 2, 'issuers[0].issuer must be an https URL'],
    ['issuers:\n  - issuer: as\n', 2, 'issuers[0].issuer must be an https URL'],
    ['issuers:\n  - issuer: https://a:canary@b.example\n', 2, 'without user, password'],
    ['issuers:\n  - issuer: https://a.example\n    profil: x\n', 3, '"profil" must be removed'],
    ['issuers:\n  - issuer: https://a.example\n    profile: x\n', 3, 'one of auth0, cognito'],
    ['issuers:\n  - issuer: https://a.example\n    audience: []\n', 3, 'audience must be a text'],
    ['issuers:\n  - issuer: https://a.example\n    verify: 1\n', 3, 'verify must be true or false'],
    ['issuers:\n  - issuer: https://a.example\n    jwks_uri: x\n', 3, 'jwks_uri must be an https'],
    [
      'issuers:\n  - issuer: https://a.example\n    introspection:\n      client_id: x\n',
      4,
      'client_secret_file must be the file of its secret',
    ],
    [
      'issuers:\n  - issuer: https://a.example\n    introspection:\n      client_secret: canary\n',
      4,
      '"client_secret" must be removed',
    ],
    [
      'issuers:\n  - issuer: https://a.example\n  - issuer: https://a.example\n',
      3,
      'issuers[1].issuer must be named once',
    ],
  ])('names file, line and path of the mistake in the issuers of %j', (text, line, words) => {
    expect(() => read(text)).toThrow(`${path}:${line}: `)
    expect(() => read(text)).toThrow(words)
    expect(() => read(text)).not.toThrow('canary')
  })

  it('refuses aliases that would expand without end', () => {
    const lines = ['a: &a [x, x, x, x, x, x, x, x, x, x]']
    for (const [index, name] of 'bcdefg'.split('').entries()) {
      const last = 'abcdef'[index] ?? ''
      lines.push(`${name}: &${name} [${`*${last}, `.repeat(10)}]`)
    }
    expect(() => read(lines.join('\n'))).toThrow('aliases expand too far')
  })

  it('says that a file cannot be read, and which variable names it', () => {
    const missing = join(folder, 'missing.yaml')
    expect(() => readConfigFile(missing)).toThrow(
      expect.objectContaining({
        code: 'ERR_NODE_CONFIG_UNREADABLE',
        message: expect.stringContaining(`${missing} cannot be read (ENOENT)`) as string,
      }),
    )
    writeFileSync(path, '#'.repeat(1_048_577))
    expect(() => readConfigFile(path)).toThrow('larger than 1048576 bytes')
  })
})
