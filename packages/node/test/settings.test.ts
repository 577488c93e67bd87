import { describe, expect, it } from 'vitest'
import { resolveSettings, type RecordingOptions } from '../src/settings.ts'
import { SETTINGS } from '../src/settings-table.ts'

const nothing = (): boolean => false
const settingOf = (name: string, options: RecordingOptions, env: NodeJS.ProcessEnv): unknown =>
  resolveSettings(options, env, nothing).table.find((setting) => setting.name === name)

describe('the settings', () => {
  it('have defaults that need no configuration', () => {
    const settings = resolveSettings({}, {}, nothing)
    expect(settings).toMatchObject({
      configFile: undefined,
      subject: 'pseudonym',
      address: 'pseudonym',
      trustedHops: 0,
      issuers: [],
      roles: false,
      rejectionsPerSecond: 10,
      stampServerSpan: true,
      stampSpans: true,
      stampLogs: true,
      stampSessionId: false,
      libraries: {},
      warnings: [],
    })
    expect(settings.table.map(({ name }) => name)).toEqual(SETTINGS.map(({ name }) => name))
    expect(new Set(settings.table.map(({ origin }) => origin))).toEqual(new Set(['default']))
  })

  it('come from code before environment before default, and say so', () => {
    const env = { TOKENTRAIL_TRUSTED_HOPS: '2', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' }
    expect(settingOf('trustedHops', { trustedHops: 1 }, env)).toMatchObject({
      value: '1',
      origin: 'code',
    })
    expect(settingOf('trustedHops', {}, env)).toMatchObject({ value: '2', origin: 'environment' })
    expect(settingOf('trustedHops', {}, {})).toMatchObject({
      value: '0',
      origin: 'default',
      variable: 'TOKENTRAIL_TRUSTED_HOPS',
    })
    expect(settingOf('endpoint', {}, env)).toMatchObject({
      value: 'http://c:4318/v1/logs',
      origin: 'environment',
      variable: 'OTEL_EXPORTER_OTLP_ENDPOINT',
    })
    expect(
      settingOf('serviceName', { serviceName: 'a' }, { OTEL_SERVICE_NAME: 'b' }),
    ).toMatchObject({
      value: 'a',
      origin: 'code',
    })
    const resource = { 'service.name': 'orders-api' }
    expect(settingOf('serviceName', { resource }, {})).toMatchObject({
      value: 'orders-api',
      origin: 'code',
    })
  })

  it('take tokentrail.yaml when it is there, and a named file in any case', () => {
    expect(resolveSettings({}, {}, () => true).configFile).toBe('tokentrail.yaml')
    const env = { TOKENTRAIL_CONFIG: '/etc/policy.yaml' }
    expect(resolveSettings({}, env, nothing).configFile).toBe('/etc/policy.yaml')
    expect(resolveSettings({ configFile: 'mine.yaml' }, env, nothing).configFile).toBe('mine.yaml')
  })

  it.each<[RecordingOptions, NodeJS.ProcessEnv, string]>([
    [
      {},
      { TOKENTRAIL_SUBJECT: 'clear' },
      '"TOKENTRAIL_SUBJECT" is "clear"; it must be pseudonym, plain, off',
    ],
    [{ address: 'x' as 'off' }, {}, '"address" is "x"; it must be pseudonym, plain, off'],
    [
      {},
      { TOKENTRAIL_TRUSTED_HOPS: '17' },
      '"TOKENTRAIL_TRUSTED_HOPS" is "17"; it must be an integer from 0 to 16',
    ],
    [{}, { TOKENTRAIL_TRUSTED_HOPS: '1e1' }, '"TOKENTRAIL_TRUSTED_HOPS"'],
    [{ trustedHops: -1 }, {}, '"trustedHops" is "-1"'],
    [
      {},
      { TOKENTRAIL_STAMP_SPANS: 'maybe' },
      '"TOKENTRAIL_STAMP_SPANS" is "maybe"; it must be true or false',
    ],
    [
      {},
      { TOKENTRAIL_STAMP_LOGS: '1' },
      '"TOKENTRAIL_STAMP_LOGS" is "1"; it must be true or false',
    ],
    [{ stampServerSpan: 'x' as never }, {}, '"stampServerSpan" is "x"'],
    [{}, { TOKENTRAIL_ROLES: 'all' }, '"TOKENTRAIL_ROLES" is "all"; it must be true or false'],
    [
      {},
      { TOKENTRAIL_REJECTIONS_PER_SECOND: '-1' },
      '"TOKENTRAIL_REJECTIONS_PER_SECOND" is "-1"; it must be an integer from 0 to 10000',
    ],
    [{}, { TOKENTRAIL_ISSUERS: 'as.example.com' }, '"TOKENTRAIL_ISSUERS" must be https URLs'],
    [{ issuers: [{ issuer: 'x' }] }, {}, '"issuers" must be https URLs'],
    [{}, { TOKENTRAIL_DURABILITY: 'memory' }, '"TOKENTRAIL_DURABILITY" must be process'],
    [{ directry: 'x' } as RecordingOptions, {}, '"directry" is not an option'],
  ])('refuse %j with %j, by name', (options, env, message) => {
    expect(() => resolveSettings(options, env, nothing)).toThrow(TypeError)
    expect(() => resolveSettings(options, env, nothing)).toThrow(message)
  })

  it('take issuers separated by commas, and those that code names before them', () => {
    const env = { TOKENTRAIL_ISSUERS: 'https://a.example.com/ , https://b.example.com/realms/b,' }
    expect(resolveSettings({}, env, nothing).issuers).toEqual([
      { issuer: 'https://a.example.com/' },
      { issuer: 'https://b.example.com/realms/b' },
    ])
    expect(settingOf('issuers', {}, env)).toMatchObject({
      value: 'https://a.example.com/, https://b.example.com/realms/b',
      origin: 'environment',
    })
    const issuers = [{ issuer: 'https://c.example.com', profile: 'okta' }]
    expect(resolveSettings({ issuers }, env, nothing).issuers).toBe(issuers)
    const misplaced = { TOKENTRAIL_ISSUERS: 'https://user:canary-5@a.example.com' }
    expect(() => resolveSettings({}, misplaced, nothing)).toThrow('"TOKENTRAIL_ISSUERS" must be')
    expect(() => resolveSettings({}, misplaced, nothing)).not.toThrow('canary')
  })

  it('never show a credential', () => {
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'https://user:canary-1@collector.example.com/?key=canary-2',
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20canary-3',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.secret=canary-4',
    }
    const { table, warnings } = resolveSettings({}, env, nothing)
    expect(JSON.stringify([table, warnings])).not.toContain('canary')
    expect(settingOf('endpoint', {}, env)).toMatchObject({
      value: 'https://collector.example.com/v1/logs?…',
    })
    expect(settingOf('headers', {}, env)).toMatchObject({
      value: 'authorization (values not shown)',
    })
  })

  it('tell of a variable that is none, with the nearest that is', () => {
    const env = { TOKENTRAIL_DIRR: 'x', TOKENTRAIL_CONFG: 'y', TOKENTRAIL_COLLECTOR: 'otelcol' }
    expect(resolveSettings({}, env, nothing).warnings).toEqual([
      'TOKENTRAIL_DIRR is not a setting. Did you mean TOKENTRAIL_DIR?',
      'TOKENTRAIL_CONFG is not a setting. Did you mean TOKENTRAIL_CONFIG?',
    ])
  })
})
