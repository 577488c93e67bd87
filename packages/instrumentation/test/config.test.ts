import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { resolveConfig } from '../src/config.ts'
import { OAuthInstrumentation } from '../src/instrumentation.ts'
import { LIBRARIES } from '../src/libraries/table.ts'
import { NAME, VERSION } from '../src/version.ts'

describe('the configuration', () => {
  it.each<[object, string]>([
    [{ trustedHop: 1 }, '"trustedHop" is not one of'],
    [{ trustedHops: -1 }, '"trustedHops" must be an integer from 0 to 16'],
    [{ trustedHops: 17 }, '"trustedHops"'],
    [{ trustedHops: 1.5 }, '"trustedHops"'],
    [{ trustedHops: '1' }, '"trustedHops"'],
    [{ stampSpans: 'no' }, '"stampSpans" must be a boolean'],
    [{ stampServerSpan: 1 }, '"stampServerSpan" must be a boolean'],
    [{ stampLogs: null }, '"stampLogs" must be a boolean'],
    [{ verifier: {} }, '"verifier" must have the method'],
    [{ libraries: { josee: false } }, '"libraries.josee" is not one of jose, '],
    [{ libraries: { jose: 'no' } }, '"libraries.jose" must be a boolean'],
    [{ recorder: {} }, '"recorder" must have the methods'],
    [{ onFault: 1 }, '"onFault" must be a function'],
    [{ onHookInactive: 1 }, '"onHookInactive" must be a function'],
    [{ clock: {} }, '"clock" must have a method "unixNanos"'],
  ])('%j is refused by name', (config, message) => {
    expect(() => new OAuthInstrumentation(config)).toThrow(TypeError)
    expect(() => resolveConfig(config)).toThrow(message)
  })

  it('leaves libraries alone that are switched off', () => {
    const names = resolveConfig({ libraries: { jose: false } }).libraries.map(({ name }) => name)
    expect(names).toEqual(LIBRARIES.map(({ name }) => name).filter((name) => name !== 'jose'))
  })

  it('is checked again when it is set later', () => {
    const instrumentation = new OAuthInstrumentation({ enabled: false })
    expect(() => instrumentation.setConfig({ trustedHops: 99 })).toThrow(TypeError)
    expect(instrumentation.isEnabled()).toBe(false)
  })
})

describe('the instrumentation scope', () => {
  it('has the name and version of the package', () => {
    const file = new URL('../package.json', import.meta.url)
    const { name, version } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>
    expect([NAME, VERSION]).toEqual([name, version])
  })
})
