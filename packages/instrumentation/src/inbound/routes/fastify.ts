import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { currentDecision } from '../../decision.ts'
import { reportFault } from '../../safe.ts'
import type { FaultHandler } from '../../types.ts'
import type { InboundHttp } from '../http-server.ts'

/** Published by Fastify 4 and 5 for each new instance, before the application has it. */
const INITIALIZATION = 'fastify.initialization'

type OnRequest = (request: FastifyRequest, reply: unknown, done: () => void) => void

interface FastifyInstance {
  addHook(name: 'onRequest', hook: OnRequest): unknown
}

interface FastifyRequest {
  /** Since 4.10; without `url` for a request that matches no route. */
  readonly routeOptions?: { readonly url?: unknown }
  readonly routerPath?: unknown
}

/**
 * Learns the route template of requests that Fastify serves, e.g. `/v1/orders/:id`, by a hook of
 * its own in each instance: the first that runs, so that a request which another hook refuses has
 * its route too.
 */
export function captureFastifyRoutes(onFault: FaultHandler): InboundHttp {
  const onRequest: OnRequest = (request, _reply, done) => {
    try {
      const decision = currentDecision()
      const url = request.routeOptions?.url ?? request.routerPath
      if (decision !== undefined && typeof url === 'string') decision.route = url
    } catch (error) {
      reportFault(onFault, 'fastify', error)
    }
    done()
  }
  const onInitialization = (message: unknown): void => {
    try {
      const { fastify } = message as { readonly fastify: FastifyInstance }
      fastify.addHook('onRequest', onRequest)
    } catch (error) {
      reportFault(onFault, INITIALIZATION, error)
    }
  }
  subscribe(INITIALIZATION, onInitialization)
  return {
    stop(): void {
      unsubscribe(INITIALIZATION, onInitialization)
    },
  }
}
