import type { LibraryDefinition, ObservedFact } from '../../hooks/library.ts'

/** What `Router.prototype.match` returns. */
interface Matched {
  readonly route?: unknown
  readonly pathAndMethod?: readonly Layer[]
}

interface Layer {
  readonly path?: unknown
  /** None for a middleware. */
  readonly methods?: readonly unknown[]
}

function observe({ outcome }: { readonly outcome: { readonly kind: string } }): ObservedFact {
  const { value } = outcome as { readonly value?: Matched | null }
  if (outcome.kind !== 'returned' || value?.route !== true) return undefined
  const path = value.pathAndMethod?.findLast(({ methods = [] }) => methods.length > 0)?.path
  return typeof path === 'string' ? { route: path } : undefined
}

/** Routers of Koa: the most specific layer that they match has the template, prefixes included. */
export const koaRouter: LibraryDefinition = {
  name: 'koa-router',
  module: '@koa/router',
  versions: ['>=8.0.0 <16'],
  hooks: [{ exportName: 'prototype.match', observe }],
}

/** The same router under its older name. */
export const unscopedKoaRouter: LibraryDefinition = {
  ...koaRouter,
  name: 'koa-router-unscoped',
  module: 'koa-router',
  versions: ['>=7.0.0 <15'],
}
