import { describe, expect, it } from 'vitest'
import type { CallHook, ObservedFact } from '../../../src/hooks/library.ts'
import { hono } from '../../../src/inbound/routes/hono.ts'
import type { AnyFunction, Probe } from '../../../src/hooks/watch/watch.ts'

const hook = hono.hooks[0] as CallHook

/** Watches a class of applications; gives it and the facts that its routers tell. */
function watch(application: unknown): {
  readonly Hono: new () => App
  readonly facts: ObservedFact[]
} {
  const facts: ObservedFact[] = []
  const probe = {
    visit: (self: unknown, args: readonly unknown[]) => ({
      note: (outcome: never) => {
        facts.push(
          hook.observe({ self, args, outcome }, { token: undefined, notes: new WeakMap() }, ''),
        )
      },
    }),
    disguise: (wrapper: AnyFunction) => wrapper,
  } as unknown as Probe
  const Hono = hook.watch?.(application as AnyFunction, probe) as unknown as new () => App
  return { Hono, facts }
}

interface App {
  router: { match(method: string, path: string): unknown }
}

type Route = readonly [method: string, path: string]

const found = (...routes: readonly Route[]): unknown => [
  routes.map(([method, path]) => [[() => {}, { method, path }], {}]),
]

describe('the routers of Hono', () => {
  it.each<[string | undefined, readonly Route[]]>([
    [
      '/v1/orders/:id',
      [
        ['ALL', '/*'],
        ['ALL', '/v1/*'],
        ['GET', '/v1/orders/:id'],
      ],
    ],
    [
      '/v1/orders/:id',
      [
        ['GET', '/v1/orders/:id'],
        ['ALL', '/*'],
      ],
    ],
    ['/any', [['ALL', '/any']]],
    ['/files/*', [['GET', '/files/*']]],
    [undefined, [['ALL', '/*']]],
    [undefined, []],
  ])('tell that %s answers', (route, routes) => {
    const { facts, Hono } = watch(
      class {
        router = { match: () => found(...routes) }
      },
    )
    new Hono().router.match('GET', '/x')
    expect(facts).toEqual([route === undefined ? undefined : { route }])
  })

  it('stay watched when they replace their own match, and classes stay what they are', () => {
    class Router {
      match(): unknown {
        this.match = () => found(['GET', '/second'])
        return found(['GET', '/first'])
      }
    }
    class Application {
      router = new Router()
    }
    const { facts, Hono } = watch(Application)
    class Own extends Hono {}
    const app = new Own()
    expect(app).toBeInstanceOf(Application)
    expect(app).toBeInstanceOf(Hono)
    expect(app).toBeInstanceOf(Own)
    expect(app.router.match('GET', '/')).toEqual([
      [[[expect.any(Function), expect.anything()], {}]],
    ])
    app.router.match('GET', '/')
    expect(facts).toEqual([{ route: '/first' }, { route: '/second' }])
  })

  it('work unwatched where they cannot be changed', () => {
    const { facts, Hono } = watch(
      class {
        router = Object.freeze({ match: () => 'matched' })
      },
    )
    expect(new Hono().router.match('GET', '/')).toBe('matched')
    expect(facts).toEqual([])
  })
})
