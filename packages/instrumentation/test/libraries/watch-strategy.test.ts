import { describe, expect, it } from 'vitest'
import type { CallHook, LibraryDefinition } from '../../src/hooks/library.ts'
import type { Outcome } from '../../src/hooks/outcome.ts'
import { patchExports } from '../../src/hooks/patch.ts'
import { watchStrategy } from '../../src/hooks/watch/watch-strategy.ts'

/** As Passport runs a strategy: an object of its own for each request, with actions put on it. */
class Strategy {
  authenticate(request: Request): unknown {
    return request.decide(this as unknown as Actions)
  }
}

interface Actions {
  readonly success: (user: unknown, info?: unknown) => unknown
  readonly fail: (challenge?: unknown, status?: number) => unknown
  readonly error: (error: unknown) => unknown
  readonly pass: () => unknown
}

interface Request {
  readonly decide: (actions: Actions) => unknown
}

const outcomes: Outcome[] = []
const hook: CallHook = {
  exportName: 'Strategy.prototype.authenticate',
  watch: watchStrategy,
  observe: ({ outcome }) => void outcomes.push(outcome),
}
const library: LibraryDefinition = { name: 'lib', module: 'lib', versions: ['*'], hooks: [hook] }
patchExports({ Strategy }, library, library.hooks, () => ({
  isServing: true,
  notes: new WeakMap(),
  take: () => {},
  onFault: (where) => expect.fail(where),
}))

function run(decide: Request['decide']): { result: unknown; outcome: Outcome | undefined } {
  const strategy = Object.assign(Object.create(new Strategy()) as Strategy & Actions, {
    success: (...results: unknown[]) => ['success', ...results],
    fail: (...results: unknown[]) => ['fail', ...results],
    error: (...results: unknown[]) => ['error', ...results],
    pass: (...results: unknown[]) => ['pass', ...results],
  })
  const result = strategy.authenticate({ decide })
  return { result, outcome: outcomes.splice(0)[0] }
}

describe('a watched strategy', () => {
  it('passes with what it says of the user', () => {
    const { outcome, result } = run((actions) => actions.success('user', { scope: 'a' }))
    expect(outcome).toEqual({ kind: 'returned', value: { passed: true, info: { scope: 'a' } } })
    expect(result).toEqual(['success', 'user', { scope: 'a' }])
  })

  it('refuses with a challenge', () => {
    const { outcome, result } = run((actions) => actions.fail('Bearer', 401))
    expect(outcome).toEqual({ kind: 'returned', value: { passed: false, challenge: 'Bearer' } })
    expect(result).toEqual(['fail', 'Bearer', 401])
  })

  it('fails with an error', () => {
    const error = new Error('no')
    const { outcome, result } = run((actions) => actions.error(error))
    expect(outcome).toEqual({ kind: 'threw', error })
    expect(result).toEqual(['error', error])
  })

  it('decides once', () => {
    const { outcome } = run((actions) => [actions.fail('first'), actions.success('user')])
    expect(outcome).toMatchObject({ value: { challenge: 'first' } })
    expect(outcomes).toEqual([])
  })

  it('decides nothing when it leaves the request to others', () => {
    expect(run((actions) => actions.pass())).toEqual({ result: ['pass'], outcome: undefined })
  })

  it('is left alone where it cannot be changed', () => {
    const success = (user: unknown): unknown => user
    const strategy = Object.freeze(Object.assign(new Strategy(), { success }))
    const request: Request = { decide: (actions) => actions.success('user') }
    expect(strategy.authenticate(request)).toBe('user')
    expect(outcomes).toEqual([])
  })

  it('throws what it throws', () => {
    const error = new Error('no')
    expect(() =>
      run(() => {
        throw error
      }),
    ).toThrow(error)
    expect(outcomes.splice(0)).toEqual([{ kind: 'threw', error }])
  })
})
