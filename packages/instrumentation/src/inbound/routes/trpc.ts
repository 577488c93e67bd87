import type { Server } from 'node:http'
import type { LibraryDefinition, ObservedCall, ObservedFact } from '../../hooks/library.ts'
import type { AnyFunction, Probe, Watch } from '../../hooks/watch/watch.ts'
import { findPath } from '../route.ts'
import type { ServedRequest } from '../served.ts'
import { findExpressMount } from './express.ts'

/** Most procedures of a batch that are named. */
const MAX_NAMED = 8

/** Options of an adapter. */
interface Options {
  /** Standalone: what comes before the procedure. Default is `/`. */
  readonly basePath?: unknown
  /** Fetch: the same. */
  readonly endpoint?: unknown
  /** Fetch: the request. */
  readonly req?: ServedRequest
  readonly router?: { readonly _def?: { readonly procedures?: unknown } }
}

/**
 * Names the procedures of a request: `/trpc/orders.get`, in a batch `/trpc/orders.get,orders.list`.
 * Only names of the application's own router are kept.
 */
function observe({ args }: ObservedCall): ObservedFact {
  const [listened, options] = args as readonly [ServedRequest | undefined, Options | undefined]
  const request = listened ?? options?.req
  const path = request && findPath(request)
  if (request === undefined || path === undefined) return undefined
  const end = path.lastIndexOf('/') + 1
  const known = options?.router?._def?.procedures
  const names = path.slice(end).split(/,|%2C/i)
  const isKnown = (name: string): boolean =>
    typeof known === 'object' && known !== null && Object.hasOwn(known, name)
  const procedures =
    names.length <= MAX_NAMED && names.every(isKnown) ? names.join(',') : ':procedure'
  return { route: findPrefix(request, options) + procedures }
}

/** With Express what the middleware is mounted on, else the base path. */
function findPrefix(request: ServedRequest, options: Options | undefined): string {
  const base =
    'baseUrl' in request
      ? findExpressMount(request, undefined)
      : (options?.basePath ?? options?.endpoint)
  const trimmed = typeof base === 'string' ? base.replaceAll(/^\/+|\/+$/g, '') : ''
  return trimmed === '' ? '/' : `/${trimmed}/`
}

/** Watches the request listeners that an adapter makes for a router. */
const watchListeners: Watch = (original, probe) =>
  probe.disguise(function (...args) {
    const listener = Reflect.apply(original, this, args)
    return typeof listener === 'function'
      ? watchListener(listener as AnyFunction, args[0], probe)
      : listener
  }, original)

function watchListener(listener: AnyFunction, options: unknown, probe: Probe): AnyFunction {
  return probe.disguise(function (...args) {
    tell(probe, args[0], options)
    return Reflect.apply(listener, this, args)
  }, listener)
}

/** Watches the server that an adapter makes; its own listener is out of reach. */
const watchServer: Watch = (original, probe) =>
  probe.disguise(function (...args) {
    const server = Reflect.apply(original, this, args) as Partial<Server>
    server.prependListener?.('request', (request) => tell(probe, request, args[0]))
    return server
  }, original)

/** Watches a function that serves one request, which is among its options. */
const watchCalls: Watch = (original, probe) =>
  probe.disguise(function (...args) {
    tell(probe, undefined, args[0])
    return Reflect.apply(original, this, args)
  }, original)

function tell(probe: Probe, request: unknown, options: unknown): void {
  probe.visit(undefined, [request, options])?.note({ kind: 'returned', value: undefined })
}

const adapter = (name: string): readonly string[] => [
  `dist/adapters/${name}.mjs`,
  `dist/adapters/${name}.cjs`,
  `dist/adapters/${name}.js`,
]

/** The tRPC adapters for Node servers. With the Fastify plugin the route is Fastify's. */
export const trpc: LibraryDefinition = {
  name: 'trpc',
  module: '@trpc/server',
  versions: ['>=11.0.0 <12'],
  onlyInFiles: true,
  hooks: [
    {
      exportName: 'createHTTPHandler',
      files: adapter('standalone'),
      watch: watchListeners,
      observe,
    },
    {
      exportName: 'createHTTP2Handler',
      files: adapter('standalone'),
      watch: watchListeners,
      observe,
    },
    { exportName: 'createHTTPServer', files: adapter('standalone'), watch: watchServer, observe },
    {
      exportName: 'createExpressMiddleware',
      files: adapter('express'),
      watch: watchListeners,
      observe,
    },
    {
      exportName: 'fetchRequestHandler',
      files: adapter('fetch/index'),
      watch: watchCalls,
      observe,
    },
  ],
}
