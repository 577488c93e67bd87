import * as stable from '@opentelemetry/semantic-conventions'
import * as incubating from '@opentelemetry/semantic-conventions/incubating'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readModel, readModelFiles } from '../scripts/read-model.ts'
import { ATTRIBUTES, EVENTS, NEVER_ATTRIBUTES, SCHEMA_URL } from '../src/index.ts'

const MODEL = join(import.meta.dirname, '../model')

// OpenTelemetry's package has a function instead of a constant for a template attribute.
const TEMPLATES = ['http.request.header']

function attributeNames(exported: object): Set<unknown> {
  return new Set(
    Object.entries(exported)
      .filter(([name]) => name.startsWith('ATTR_'))
      .map(([, value]) => value as unknown),
  )
}

describe('the registry', () => {
  const model = readModel(readModelFiles(MODEL))
  const reused = model.attributes.filter((attribute) => attribute.reused)

  it('refers only to attributes that OpenTelemetry 1.45.0 defines, with their stability', () => {
    const known = { stable: attributeNames(stable), development: attributeNames(incubating) }
    const wrong = reused
      .filter(({ name }) => !TEMPLATES.includes(name))
      .filter(({ name, stability }) =>
        stability === 'stable'
          ? !known.stable.has(name)
          : !known.development.has(name) || known.stable.has(name),
      )
    expect(reused.length).toBeGreaterThan(20)
    expect(wrong).toEqual([])
  })

  it('defines no name that OpenTelemetry has', () => {
    const theirs = attributeNames(incubating)
    const own = model.attributes.filter((attribute) => !attribute.reused)
    expect(own.filter(({ name }) => theirs.has(name))).toEqual([])
  })

  it('has a schema URL of its own and names the version that it depends on', () => {
    expect(SCHEMA_URL).toMatch(/^https:\/\/.+-dev\/\d+\.\d+\.\d+-dev$/)
    expect(new URL(SCHEMA_URL).host).not.toContain('opentelemetry')
    const manifest = readModelFiles(MODEL).get('manifest.yaml') ?? ''
    const [, version] =
      /schema_url: https:\/\/opentelemetry\.io\/schemas\/(\S+)/.exec(manifest) ?? []
    expect(manifest).toContain(`semantic-conventions@v${version}[model]`)
  })

  it('lets no event carry what must never be recorded', () => {
    const carried = Object.values(EVENTS).flatMap((event) => [
      ...event.requiredAttributes,
      ...event.optionalAttributes,
    ])
    const forbidden = carried.filter((name) =>
      NEVER_ATTRIBUTES.some((never) => name === never || name.startsWith(`${never}.`)),
    )
    expect(forbidden).toEqual([])
    expect(NEVER_ATTRIBUTES).toContain('url.query')
  })

  it('lets identity values stand in identity records only', () => {
    const events = Object.values(EVENTS).filter(({ name }) => name !== 'tokentrail.identity')
    const carried = events.flatMap((event) => [
      ...event.requiredAttributes,
      ...event.optionalAttributes,
    ])
    const identity = Object.values(ATTRIBUTES).filter((attribute) => attribute.class === 'identity')
    expect(identity.length).toBeGreaterThan(4)
    expect(identity.filter(({ name }) => carried.includes(name))).toEqual([])
  })

  it('carries the set that every reader joins by on a request', () => {
    const { requiredAttributes, optionalAttributes } = EVENTS['oauth.request']
    expect([...requiredAttributes].sort()).toEqual([
      'http.request.method',
      'oauth.decision',
      'oauth.token.fingerprint',
    ])
    // Attributes of a typical request; its status code is absent only when no status line was sent.
    expect(optionalAttributes).toEqual(
      expect.arrayContaining([
        'client.address',
        'compliance.framework',
        'http.response.status_code',
        'http.route',
        'oauth.client.id',
        'oauth.session.first_seen',
        'oauth.session.id',
        'oauth.token.scopes',
        'user.hash',
        'user_agent.name',
        'user_agent.original',
      ]),
    )
  })

  it('is frozen all the way down', () => {
    for (const entry of [...Object.values(ATTRIBUTES), ...Object.values(EVENTS)]) {
      expect(Object.isFrozen(entry)).toBe(true)
    }
    expect(Object.isFrozen(ATTRIBUTES) && Object.isFrozen(EVENTS)).toBe(true)
    expect(Object.isFrozen(EVENTS['oauth.request'].requiredAttributes)).toBe(true)
    expect(Object.isFrozen(NEVER_ATTRIBUTES)).toBe(true)
  })
})
