import { expect, it } from 'vitest'
import * as jose from 'jose'
import { OAuthInstrumentation } from '../src/instrumentation.ts'

it('hooks the exports that it is given, and says that the library is live', () => {
  const instrumentation = new OAuthInstrumentation()
  try {
    const hooked = instrumentation.instrumentModule('jose', jose)
    expect(hooked.jwtVerify).not.toBe(jose.jwtVerify)
    expect(hooked.SignJWT).toBe(jose.SignJWT)
    expect(instrumentation.hookStates()).toContainEqual({
      name: 'jose',
      state: 'live',
      versions: ['bundled'],
    })
  } finally {
    instrumentation.disable()
  }
})

it.each([
  ['nobody knows', 'josé', {}],
  ['is switched off', 'jose', { libraries: { jose: false } }],
])('refuses a library that %s', (_, name, config) => {
  const instrumentation = new OAuthInstrumentation(config)
  try {
    expect(() => instrumentation.instrumentModule(name, {})).toThrow(
      `"name" is "${name}", which is not one of `,
    )
  } finally {
    instrumentation.disable()
  }
})
