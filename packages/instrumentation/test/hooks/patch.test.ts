import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { promisify, types } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { CallHook, LibraryDefinition, ObservedCall } from '../../src/hooks/library.ts'
import { patchExports } from '../../src/hooks/patch.ts'
import type { FactReceiver } from '../../src/hooks/probe.ts'
import { send, startRecordedServer, WITH_TOKEN } from '../recorded-server.ts'

const token = 'token-of-the-request'

/** A library with one function, and a hook that keeps what it sees. */
function defineLibrary(
  observe?: CallHook['observe'],
  exportName = 'verify',
): {
  library: LibraryDefinition
  calls: ObservedCall[]
} {
  const calls: ObservedCall[] = []
  const hook: CallHook = {
    exportName,
    observe:
      observe ??
      ((call, _, name) => {
        calls.push(call)
        if (call.outcome.kind === 'threw') {
          return { rejection: { token, reason: 'expired', hook: name } }
        }
        return { verified: { token, method: 'jwt', hook: name, claims: { sub: 'alice' } } }
      }),
  }
  return { library: { name: 'lib', module: 'lib', versions: ['*'], hooks: [hook] }, calls }
}

const faults: string[] = []
const receiver: FactReceiver & { isServing: boolean } = {
  isServing: true,
  notes: new WeakMap(),
  take(fact, decision) {
    if (fact === undefined || decision === undefined) return
    if ('verified' in fact) decision.addVerified(fact.verified)
    if ('rejection' in fact) decision.addRejection(fact.rejection)
  },
  onFault: (where) => void faults.push(where),
}
const findReceiver = (): FactReceiver => receiver

function patch<Exports extends object>(exports: Exports, library: LibraryDefinition): Exports {
  const patched = patchExports(exports, library, library.hooks, findReceiver)
  expect(patched.hooked).toBe(1)
  return patched.exports as Exports
}

describe('a hooked function', () => {
  it('gives facts to the request that is being served, once per call', async () => {
    const { library, calls } = defineLibrary()
    const inner = patch({ verify: (value: string) => Promise.resolve(value) }, library)
    // A main module that wraps a file of its own: two hooks, one call.
    const outer = patch({ verify: (value: string) => inner.verify(value) }, library)
    const served = await startRecordedServer((_, response) => {
      void outer.verify('x').then((value) => response.end(value))
    })
    expect((await send(served.port, { headers: WITH_TOKEN })).body).toBe('x')
    expect(calls).toEqual([{ self: outer, args: ['x'], outcome: { kind: 'returned', value: 'x' } }])
    expect(served.recorder.requests[0]?.verified).toMatchObject({
      hook: 'lib.verify',
      claims: { sub: 'alice' },
    })
  })

  it('keeps requests apart that are served at the same time', async () => {
    const { library } = defineLibrary((call, request, name) => ({
      verified: {
        token: String(call.args[0]),
        method: 'jwt',
        hook: name,
        claims: { sub: `sub of ${request.token}` },
      },
    }))
    const { verify } = patch(
      { verify: (value: string) => new Promise((resolve) => setImmediate(resolve, value)) },
      library,
    )
    const served = await startRecordedServer((request, response) => {
      const presented = request.headers.authorization?.slice(7) ?? ''
      void verify(presented).then(() => setImmediate(() => response.end()))
    })
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        send(served.port, { headers: { authorization: `Bearer t${index}` } }),
      ),
    )
    expect(served.recorder.requests).toHaveLength(20)
    for (const facts of served.recorder.requests) {
      expect(facts.verified).toMatchObject({
        token: facts.token,
        claims: { sub: `sub of ${facts.token}` },
      })
    }
  })

  it('keeps pipelined requests of one connection apart', async () => {
    const { library } = defineLibrary((call, _, name) => ({
      verified: { token: String(call.args[0]), method: 'jwt', hook: name, claims: {} },
    }))
    const later: { go(): void }[] = []
    const { verify } = patch(
      { verify: (value: string) => new Promise((go) => later.push({ go: () => go(value) })) },
      library,
    )
    const served = await startRecordedServer((request, response) => {
      const token = request.headers.authorization?.slice(7) ?? ''
      void verify(token).then(() => response.end())
      // The last to come is the first to be verified.
      if (later.length === 3) for (const { go } of later.toReversed()) setImmediate(() => go())
    })
    const socket = connect(served.port, '127.0.0.1')
    const one = (token: string): string =>
      `GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`
    socket.write(one('t0') + one('t1') + one('t2'))
    await new Promise<void>((resolve) => {
      served.recorder.onRequest = () => {
        if (served.recorder.requests.length === 3) resolve()
      }
    })
    socket.destroy()
    for (const facts of served.recorder.requests) expect(facts.verified?.token).toBe(facts.token)
  })

  it('runs alone in a process that serves no requests', () => {
    const { library, calls } = defineLibrary()
    const promise = Promise.resolve(1)
    const { verify } = patch({ verify: () => promise }, library)
    receiver.isServing = false
    try {
      expect(verify()).toBe(promise)
    } finally {
      receiver.isServing = true
    }
    expect(calls).toEqual([])
  })

  it('returns, throws and rejects what the original does', async () => {
    const { library, calls } = defineLibrary()
    const failure = new Error('original')
    const hooked = patch(
      {
        verify(this: unknown, what: string): unknown {
          if (what === 'this') return this
          if (what === 'throw') throw failure
          if (what === 'reject') return Promise.reject(failure)
          return what
        },
      },
      library,
    )
    const self = {}
    const seen: unknown[] = []
    const served = await startRecordedServer((_, response) => {
      seen.push(hooked.verify.call(self, 'this'), hooked.verify('value'))
      try {
        hooked.verify('throw')
      } catch (error) {
        seen.push(error)
      }
      void (hooked.verify('reject') as Promise<unknown>).catch((error: unknown) => {
        seen.push(error)
        response.end()
      })
    })
    await send(served.port, { headers: WITH_TOKEN })
    expect(seen).toEqual([self, 'value', failure, failure])
    expect(calls.map((call) => call.outcome.kind)).toEqual([
      'returned',
      'returned',
      'threw',
      'threw',
    ])
  })

  it('works on when its hook fails, and the fault is told', async () => {
    const { library } = defineLibrary(() => {
      throw new Error('injected')
    })
    const { verify } = patch({ verify: (value: string) => Promise.resolve(value) }, library)
    const served = await startRecordedServer((_, response) => {
      void verify('x').then((value) => response.end(value))
    })
    faults.length = 0
    expect((await send(served.port, { headers: WITH_TOKEN })).body).toBe('x')
    expect(faults).toEqual(['lib.verify'])
    expect(served.recorder.requests).toHaveLength(1)
  })

  it('leaves a rejection that the application forgot unhandled, as it was', async () => {
    const { library } = defineLibrary()
    const { verify } = patch({ verify: () => Promise.reject(new Error('forgotten')) }, library)
    const unhandled = new Promise((resolve) => process.once('unhandledRejection', resolve))
    const others = process.listeners('unhandledRejection').slice(0, -1)
    for (const listener of others) process.off('unhandledRejection', listener)
    try {
      const served = await startRecordedServer((_, response) => {
        void verify()
        response.end()
      })
      await send(served.port, { headers: WITH_TOKEN })
      await expect(unhandled).resolves.toHaveProperty('message', 'forgotten')
    } finally {
      for (const listener of others) process.on('unhandledRejection', listener)
    }
  })

  it('looks like the original', () => {
    const { library } = defineLibrary()
    const original = Object.assign((_one: string, _two: string) => '', {
      custom: 1,
      [promisify.custom]: () => Promise.resolve(''),
    })
    const { verify } = patch({ verify: original }, library)
    expect(verify).not.toBe(original)
    expect([verify.name, verify.length, verify.custom]).toEqual([original.name, 2, 1])
    expect(verify[promisify.custom]).toBe(original[promisify.custom])
  })
})

describe('patchExports', () => {
  it('leaves a module namespace as it is and gives a copy with the hook', () => {
    const require = createRequire(import.meta.url)
    const namespace = require('./namespace.mjs') as { verify: () => number; other: () => number }
    expect(types.isModuleNamespaceObject(namespace)).toBe(true)
    const { library } = defineLibrary()
    const patched = patch(namespace, library)
    expect(patched).not.toBe(namespace)
    expect(patched.verify).not.toBe(namespace.verify)
    expect(patched.other).toBe(namespace.other)
  })

  it('hooks getters that a compiler made, and exports under default', () => {
    const { library } = defineLibrary()
    const original = (): number => 1
    const compiled = {} as { verify: () => number }
    Object.defineProperty(compiled, 'verify', {
      get: () => original,
      enumerable: true,
      configurable: true,
    })
    expect(patch(compiled, library).verify).not.toBe(original)
    const inner = { verify: original }
    patch({ default: inner }, library)
    expect(inner.verify).not.toBe(original)
  })

  it('hooks what an ES module sees of a CommonJS module by name and in its default export', () => {
    const { library } = defineLibrary()
    const original = (): number => 1
    const seen = { verify: original, default: { verify: original } }
    patch(seen, library)
    expect(seen.verify).not.toBe(original)
    expect(seen.default.verify).toBe(seen.verify)
  })

  it('replaces a namespace inside of a module by a copy with the hook', () => {
    const require = createRequire(import.meta.url)
    const Jwt = require('./namespace.mjs') as { verify: () => number; other: () => number }
    const { library } = defineLibrary(undefined, 'Jwt.verify')
    const patched = patch({ Jwt }, library)
    expect(patched.Jwt.verify).not.toBe(Jwt.verify)
    expect(patched.Jwt.other).toBe(Jwt.other)
  })

  it('counts no function that it cannot replace', () => {
    const { library } = defineLibrary(undefined, 'Verifier.verify')
    const Verifier = Object.freeze(Object.assign(() => {}, { verify: (): number => 1 }))
    expect(patchExports({ Verifier }, library, library.hooks, findReceiver)).toEqual({
      exports: { Verifier },
      hooked: 0,
    })
  })

  it('hooks a function once and counts it twice', () => {
    const { library } = defineLibrary()
    const exports = patch({ verify: (): number => 1 }, library)
    const { verify } = exports
    expect(patch(exports, library).verify).toBe(verify)
  })

  it('finds nothing in what is no module', () => {
    const { library } = defineLibrary()
    for (const exports of [undefined, null, 'text', {}, { verify: 1 }, { default: {} }]) {
      expect(patchExports(exports, library, library.hooks, findReceiver)).toEqual({
        exports,
        hooked: 0,
      })
    }
  })
})
