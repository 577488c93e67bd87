import { describe, expect, it } from 'vitest'
import { OAuthInstrumentation } from '../src/instrumentation.ts'
import type { LibraryDefinition } from '../src/hooks/library.ts'
import { LIBRARIES } from '../src/libraries/table.ts'
import { SelfTest } from '../src/self-test.ts'
import type { HookState } from '../src/types.ts'

const library: LibraryDefinition = {
  name: 'lib',
  module: 'lib',
  versions: ['>=6.0.0 <7'],
  hooks: [],
}
const stateOf = (selfTest: SelfTest): unknown => selfTest.states(true)[1]

describe('the self-test', () => {
  it('waits for a library that was not loaded', () => {
    expect(new SelfTest([library]).states(true)).toEqual([
      { name: 'http', state: 'live' },
      { name: 'lib', state: 'waiting' },
    ])
  })

  it('says that a hooked library is live, with its version', () => {
    const selfTest = new SelfTest([library])
    selfTest.sawLibrary('lib', '6.2.18', () => {})
    selfTest.hookedLibrary('lib', '6.2.18')
    expect(stateOf(selfTest)).toEqual({ name: 'lib', state: 'live', versions: ['6.2.18'] })
  })

  it('says that a version is out of range', () => {
    const selfTest = new SelfTest([library])
    selfTest.sawLibrary('lib', '4.15.9', () => {})
    expect(stateOf(selfTest)).toEqual({
      name: 'lib',
      state: 'inactive',
      reason: 'lib 4.15.9 is not hooked: supported is >=6.0.0 <7.',
      versions: ['4.15.9'],
    })
  })

  it('says that a version of the range has none of the functions', () => {
    const selfTest = new SelfTest([library])
    selfTest.sawLibrary('lib', '6.0.0', () => {})
    expect(stateOf(selfTest)).toMatchObject({
      state: 'inactive',
      reason:
        'lib 6.0.0 is not hooked: it has none of the functions that are known of its versions.',
    })
  })

  it('says so too of a second copy beside one that is live', () => {
    const selfTest = new SelfTest([library])
    selfTest.sawLibrary('lib', '4.15.9', () => {})
    selfTest.sawLibrary('lib', '6.2.18', () => {})
    selfTest.hookedLibrary('lib', '6.2.18')
    expect(stateOf(selfTest)).toMatchObject({
      state: 'live',
      reason: 'lib 4.15.9 is not hooked: supported is >=6.0.0 <7.',
      versions: ['6.2.18', '4.15.9'],
    })
  })

  it('tells once of a version that nothing hooked, and not of one that was', async () => {
    const selfTest = new SelfTest([library])
    const told: HookState[] = []
    for (const version of ['4.15.9', '6.2.18', '4.15.9']) {
      selfTest.sawLibrary('lib', version, (state) => told.push(state))
      if (version === '6.2.18') selfTest.hookedLibrary('lib', version)
    }
    await Promise.resolve()
    expect(told).toMatchObject([
      { name: 'lib', reason: expect.stringContaining('4.15.9') as string },
    ])
  })

  it('says that imports are not seen without a loader hook', () => {
    const selfTest = new SelfTest([library])
    selfTest.probedLoader(false)
    expect(stateOf(selfTest)).toMatchObject({
      state: 'inactive',
      reason: expect.stringContaining('No loader hook') as string,
    })
    selfTest.probedLoader(true)
    expect(stateOf(selfTest)).toEqual({ name: 'lib', state: 'waiting' })
  })

  it('says that HTTP is inactive while the instrumentation is disabled', () => {
    const instrumentation = new OAuthInstrumentation({ enabled: false })
    expect(instrumentation.hookStates()[0]).toMatchObject({ name: 'http', state: 'inactive' })
    instrumentation.enable()
    expect(instrumentation.hookStates()[0]).toEqual({ name: 'http', state: 'live' })
    instrumentation.disable()
    expect(instrumentation.hookStates()[0]).toMatchObject({ name: 'http', state: 'inactive' })
  })

  it('finds no loader hook in a process that was started without one', async () => {
    const instrumentation = new OAuthInstrumentation({ enabled: false })
    const [, ...libraries] = await instrumentation.selfTest()
    expect(libraries).toHaveLength(LIBRARIES.length)
    expect(libraries.filter(({ state }) => state !== 'inactive')).toEqual([])
  })
})
