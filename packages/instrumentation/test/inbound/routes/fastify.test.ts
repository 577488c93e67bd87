import { channel } from 'node:diagnostics_channel'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Decision, runInDecision } from '../../../src/decision.ts'
import { captureFastifyRoutes } from '../../../src/inbound/routes/fastify.ts'

type OnRequest = (request: unknown, reply: unknown, done: () => void) => void

const openDecision = (): Decision => {
  const request = { headers: {}, socket: undefined }
  const response = { headersSent: false, statusCode: 200, getHeader: () => undefined }
  const stamper = { onToken: () => {}, onFact: () => {}, stampOf: () => undefined }
  return new Decision(request, response, ...([{}, stamper] as unknown as [never, never]))
}

/** Announces an instance as Fastify does; gives the hooks that it was given. */
function announce(addHook?: (name: string, hook: OnRequest) => void): {
  readonly hooks: OnRequest[]
  readonly faults: string[]
} {
  const faults: string[] = []
  const hooks: OnRequest[] = []
  const routes = captureFastifyRoutes((where) => void faults.push(where))
  onTestFinished(() => routes.stop())
  const fastify = { addHook: addHook ?? ((_: string, hook: OnRequest) => void hooks.push(hook)) }
  channel('fastify.initialization').publish({ fastify })
  return { hooks, faults }
}

/** Runs the hook for a request; gives the route that the decision then has. */
function routeOf(hook: OnRequest | undefined, request: unknown): string | undefined {
  const decision = openDecision()
  let calls = 0
  runInDecision(decision, () => hook?.(request, {}, () => void (calls += 1)), undefined, [])
  expect(calls).toBe(1)
  return decision.route
}

describe('the hook in a Fastify instance', () => {
  it.each([
    ['/v1/orders/:id', { routeOptions: { url: '/v1/orders/:id' } }],
    ['/v1/orders/:id', { routerPath: '/v1/orders/:id' }],
    [undefined, { routeOptions: {} }],
    [undefined, {}],
  ])('finds %s', (route, request) => {
    expect(routeOf(announce().hooks[0], request)).toBe(route)
  })

  it('lets the request go on, once, when it fails itself', () => {
    const { faults, hooks } = announce()
    const request = {
      get routeOptions(): never {
        throw new Error('broken')
      },
    }
    expect(routeOf(hooks[0], request)).toBeUndefined()
    expect(faults).toEqual(['fastify'])
  })

  it('is given up when the instance refuses it', () => {
    const { faults } = announce(() => {
      throw new Error('already started')
    })
    expect(faults).toEqual(['fastify.initialization'])
  })

  it('is not given to instances after the end', () => {
    const routes = captureFastifyRoutes(() => {})
    routes.stop()
    const hooks: unknown[] = []
    const fastify = { addHook: (_: string, hook: unknown) => void hooks.push(hook) }
    channel('fastify.initialization').publish({ fastify })
    expect(hooks).toEqual([])
  })
})
