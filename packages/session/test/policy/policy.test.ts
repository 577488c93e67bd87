import { describe, expect, it } from 'vitest'
import { parsePolicy, policyVersion } from '../../src/index.ts'
import { createPolicyMatcher } from '../../src/policy/policy-matcher.ts'
import { codeOf } from '../codes.ts'

const POLICY = {
  routes: [
    { match: '/v1/patients/**', methods: ['GET', 'POST'], frameworks: ['soc2', 'hipaa', 'soc2'] },
    { match: '/v1/*/cards', frameworks: ['pci'] },
    { match: '/v1/patients/export', frameworks: ['gdpr'] },
  ],
  default: { frameworks: ['basic'] },
}
const matcher = createPolicyMatcher(parsePolicy(POLICY))

describe('the frameworks of a request', () => {
  it.each<[string, string, readonly string[]]>([
    ['GET', '/v1/patients/:id', ['hipaa', 'soc2']],
    ['POST', '/v1/patients', ['hipaa', 'soc2']],
    ['DELETE', '/v1/patients/:id', ['basic']],
    ['GET', '/v1/patients/export', ['gdpr', 'hipaa', 'soc2']],
    ['GET', '/v1/users/cards', ['pci']],
    ['GET', '/v1/users/1/cards', ['basic']],
    ['GET', '/v1/patientsx', ['basic']],
    ['GET', '', ['basic']],
    ['GET', '/', ['basic']],
  ])('of %s %s are those of every rule that fits', (method, place, frameworks) => {
    expect(matcher.frameworksOf(method, place)).toStrictEqual(frameworks)
  })

  it.each([
    '/V1/Patients/7',
    '//v1//patients/7',
    '/v1/%70atients/7',
    '/v1/./patients/7',
    '/v1/patients/7?x=/v2',
    '/v1/patients/%zz',
  ])('are not left by spelling the path as %s', (path) => {
    expect(matcher.frameworksOf('GET', path)).toStrictEqual(['hipaa', 'soc2'])
  })

  it('are one frozen list for every request of a route', () => {
    const first = matcher.frameworksOf('GET', '/v1/patients/:id')
    expect(Object.isFrozen(first)).toBe(true)
    expect(matcher.frameworksOf('GET', '/v1/patients/:id')).toBe(first)
  })

  it('of a path too long to be remembered are the same', () => {
    const path = `/v1/patients/${'x'.repeat(1_000)}`
    expect(matcher.frameworksOf('GET', path)).toStrictEqual(['hipaa', 'soc2'])
  })
})

describe('parsePolicy', () => {
  it('takes an empty file as the empty policy', () => {
    expect(parsePolicy(null)).toStrictEqual({ routes: [], default: { frameworks: [] } })
    expect(parsePolicy(undefined)).toStrictEqual(parsePolicy({}))
  })

  it.each<[string, unknown, string]>([
    ['no mapping', [], 'the policy is a list of 0'],
    [
      'an unknown key',
      { rotes: [] },
      '"rotes" is a list of 0; it must be removed: known here are routes, default',
    ],
    [
      'an unknown key of a route',
      { routes: [{ match: '/a', frameworks: [], retention: 'P6Y' }] },
      'routes[0]."retention" is "P6Y"',
    ],
    ['routes that are no list', { routes: {} }, 'routes is a mapping; it must be a list'],
    ['a route that is no mapping', { routes: ['/a'] }, 'routes[0] is "/a"; it must be a mapping'],
    ['a route without match', { routes: [{ frameworks: [] }] }, 'routes[0].match is missing'],
    ['a relative path', { routes: [{ match: 'v1', frameworks: [] }] }, 'routes[0].match is "v1"'],
    ['** in the middle', { routes: [{ match: '/**/x', frameworks: [] }] }, 'routes[0].match'],
    ['* inside a segment', { routes: [{ match: '/a*', frameworks: [] }] }, 'routes[0].match'],
    ['no frameworks', { routes: [{ match: '/a' }] }, 'routes[0].frameworks is missing'],
    [
      'frameworks in one string',
      { routes: [{ match: '/a', frameworks: 'hipaa' }] },
      'routes[0].frameworks is "hipaa"; it must be a list',
    ],
    [
      'a framework in capitals',
      { routes: [{ match: '/a', frameworks: ['soc2', 'HIPAA'] }] },
      'routes[0].frameworks[1] is "HIPAA"',
    ],
    ['a number', { default: { frameworks: [7] } }, 'default.frameworks[0] is 7'],
    [
      'a method in lower case',
      { routes: [{ match: '/a', methods: ['get'], frameworks: [] }] },
      'routes[0].methods[0] is "get"',
    ],
    ['an empty list element', { routes: [null] }, 'routes[0] is empty'],
    ['a prototype', JSON.parse('{"__proto__":{"routes":[]}}'), '"__proto__"'],
  ])('refuses %s, and says where and what instead', (_, value, message) => {
    expect(codeOf(() => parsePolicy(value))).toBe('ERR_SESSION_POLICY_INVALID')
    expect(() => parsePolicy(value)).toThrow(message)
  })

  it('never changes what it is given', () => {
    const given = structuredClone(POLICY)
    parsePolicy(given)
    expect(given).toStrictEqual(POLICY)
  })
})

describe('the version of a policy', () => {
  const version = (value: unknown): string => policyVersion(parsePolicy(value), (data) => data)

  it('is the hash of its canonical JSON', () => {
    expect(version({ routes: [{ match: '/a', frameworks: ['b', 'a'] }] })).toBe(
      'sha256:{"default":{"frameworks":[]},"routes":[{"frameworks":["a","b"],"match":"/a"}]}',
    )
  })

  it('is one for two spellings of the same policy', () => {
    const one = { default: { frameworks: [] }, routes: [{ frameworks: ['b', 'a'], match: '/a' }] }
    const other = { routes: [{ match: '/a', frameworks: ['a', 'b', 'a'] }] }
    expect(version(one)).toBe(version(other))
  })
})
