import { describe, expect, it } from 'vitest'
import type { CallHook, LibraryDefinition, ObservedCall } from '../../src/hooks/library.ts'
import { patchExports } from '../../src/hooks/patch.ts'
import type { FactReceiver } from '../../src/hooks/probe.ts'
import { watchCallback, watchOpenCallback } from '../../src/hooks/watch/watch-callback.ts'
import { watchDecorated } from '../../src/hooks/watch/watch-decorated.ts'
import { watchMiddleware } from '../../src/hooks/watch/watch-middleware.ts'
import { watchProduced } from '../../src/hooks/watch/watch-produced.ts'
import type { Watch } from '../../src/hooks/watch/watch.ts'

type Callback = (error: unknown, value?: unknown) => unknown

function hookWith(exportName: string, exports: unknown, watch?: Watch) {
  const calls: ObservedCall[] = []
  const receiver: FactReceiver = {
    isServing: true,
    notes: new WeakMap(),
    take: () => {},
    onFault: (where) => expect.fail(where),
  }
  const hook: CallHook = {
    exportName,
    observe: (call) => void calls.push(call),
    ...(watch === undefined ? {} : { watch }),
  }
  const library: LibraryDefinition = { name: 'lib', module: 'lib', versions: ['*'], hooks: [hook] }
  const patched = patchExports(exports, library, library.hooks, () => receiver)
  expect(patched.hooked).toBe(1)
  return { calls, exports: patched.exports }
}

describe('a hook on a member deep in the exports', () => {
  it('sees calls of a method, with the object that it was called on', () => {
    class Verifier {
      readonly answer = 42
      verify(token: string): string {
        return `${token} ${this.answer}`
      }
    }
    const { calls } = hookWith('Verifier.prototype.verify', { default: { Verifier } })
    const verifier = new Verifier()
    expect(verifier.verify('t')).toBe('t 42')
    expect(calls).toEqual([
      { self: verifier, args: ['t'], outcome: { kind: 'returned', value: 't 42' } },
    ])
    expect(Object.keys(Verifier.prototype)).toEqual([])
  })

  it('sees calls of a module that is a function', () => {
    const original = (token: string): string => token
    const { calls, exports } = hookWith('default', original)
    expect(exports).not.toBe(original)
    expect((exports as typeof original)('t')).toBe('t')
    expect(calls).toHaveLength(1)
  })

  it('sees calls of a module that is a function and its own default', () => {
    const original = (token: string): string => token
    const { calls, exports } = hookWith('default', Object.assign(original, { default: original }))
    const hooked = exports as typeof original & { readonly default: typeof original }
    expect(hooked).not.toBe(original)
    expect(hooked.default('t')).toBe('t')
    expect(calls).toHaveLength(1)
  })

  it('gives a copy of a module whose getters are fixed', () => {
    const fixed = {} as { verify: (token: string) => string; other: number }
    Object.defineProperty(fixed, 'verify', {
      get: () => (token: string) => token,
      enumerable: true,
    })
    Object.defineProperty(fixed, 'other', { get: () => 7, enumerable: true })
    const { calls, exports } = hookWith('verify', fixed)
    const copy = exports as typeof fixed
    expect([copy.verify('t'), copy.other]).toEqual(['t', 7])
    expect(calls).toHaveLength(1)
  })
})

describe('watchCallback', () => {
  const verify = (token: string, done?: Callback): unknown => {
    if (done === undefined) return token
    return token === 'bad' ? done(new Error('bad')) : done(null, token)
  }

  it('sees what a callback is given, before the callback runs', () => {
    const { calls, exports } = hookWith('verify', { verify }, watchCallback)
    const hooked = (exports as { verify: typeof verify }).verify
    const seen: unknown[] = []
    hooked('good', (error, value) => seen.push(error, value, calls.length))
    hooked('bad', (error) => seen.push((error as Error).message, calls.length))
    expect(seen).toEqual([null, 'good', 1, 'bad', 2])
    expect(calls.map(({ outcome }) => outcome.kind)).toEqual(['returned', 'threw'])
  })

  it('sees the result where there is no callback', () => {
    const { calls, exports } = hookWith('verify', { verify }, watchCallback)
    expect((exports as { verify: typeof verify }).verify('good')).toBe('good')
    expect(calls[0]?.outcome).toEqual({ kind: 'returned', value: 'good' })
  })

  it('does not take what a callback throws for the outcome of the call', () => {
    const { calls, exports } = hookWith('verify', { verify }, watchCallback)
    const hooked = (exports as { verify: typeof verify }).verify
    const failure = new Error('application')
    const fail = (): never => {
      throw failure
    }
    expect(() => hooked('good', fail)).toThrow(failure)
    expect(calls.map(({ outcome }) => outcome.kind)).toEqual(['returned'])
  })
})

describe('watchProduced', () => {
  it('sees calls of the functions that a function makes', async () => {
    const create = (prefix: string) => (token: string) => Promise.resolve(prefix + token)
    const { calls, exports } = hookWith(
      'create',
      { create },
      watchProduced((original, probe) => watchCallback(original, probe)),
    )
    const verify = (exports as { create: typeof create }).create('p-')
    expect(calls).toEqual([])
    await expect(verify('t')).resolves.toBe('p-t')
    expect(calls[0]?.outcome).toEqual({ kind: 'returned', value: 'p-t' })
  })
})

describe('watchMiddleware', () => {
  it('sees the request when it is passed on, before what follows runs', () => {
    const middleware = (request: { user?: string }, _: unknown, next: Callback): void => {
      request.user = 'alice'
      next(undefined)
    }
    const { calls, exports } = hookWith('middleware', { middleware }, watchMiddleware)
    const request = {}
    let seenBefore = 0
    ;(exports as { middleware: typeof middleware }).middleware(request, {}, () => {
      seenBefore = calls.length
    })
    expect(seenBefore).toBe(1)
    expect(calls[0]?.outcome).toEqual({ kind: 'returned', value: { user: 'alice' } })
  })

  it.each([
    ['an error', new Error('no'), 'threw'],
    ['a skip of the route', 'route', 'returned'],
  ])('tells %s', (_, argument, kind) => {
    const middleware = (_request: unknown, _response: unknown, next: Callback): unknown =>
      next(argument)
    const { calls, exports } = hookWith('middleware', { middleware }, watchMiddleware)
    ;(exports as { middleware: typeof middleware }).middleware({}, {}, () => {})
    expect(calls[0]?.outcome.kind).toBe(kind)
  })
})

describe('a hook on a method that a Fastify plugin adds to requests', () => {
  class Fastify {
    readonly added = new Map<string, unknown>()
    decorateRequest(name: string, value: unknown): this {
      this.added.set(name, value)
      return this
    }
  }

  function plugin(fastify: Fastify): void {
    function requestVerify(token: string, callback?: Callback): unknown {
      if (callback === undefined) {
        return new Promise((resolve) => requestVerify(token, (_, value) => resolve(value)))
      }
      return callback(null, token)
    }
    fastify.decorateRequest('user', null).decorateRequest('jwtVerify', requestVerify)
  }

  it('sees its calls under whatever name it was added, and leaves Fastify as it was', () => {
    const { calls, exports } = hookWith(
      'default',
      plugin,
      watchDecorated('requestVerify', watchOpenCallback),
    )
    const fastify = new Fastify()
    ;(exports as typeof plugin)(fastify)
    expect(Object.keys(fastify)).toEqual(['added'])
    expect(fastify.added.get('user')).toBeNull()
    const verify = fastify.added.get('jwtVerify') as (token: string, callback: Callback) => unknown
    expect(verify('t', (_, value) => value)).toBe('t')
    expect(calls).toMatchObject([{ outcome: { kind: 'returned', value: 't' } }])
  })

  it('lets a call without a callback make its own', async () => {
    const verify = (token: string, callback?: Callback): unknown =>
      callback === undefined
        ? new Promise((resolve) => exported(token, (_, value) => resolve(value)))
        : callback(null, token)
    const { calls, exports } = hookWith('default', verify, watchOpenCallback)
    const exported = exports as typeof verify
    expect(await exported('t')).toBe('t')
    expect(calls).toHaveLength(1)
  })
})
