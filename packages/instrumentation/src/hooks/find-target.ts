import type { AnyFunction } from './watch/watch.ts'

/** An object whose members can be replaced: exports, a class, its prototype. */
export type Holder = Record<string, unknown>

/** A function of a module, and where it is. */
export interface FoundFunction {
  readonly original: AnyFunction
  /** Names of members that lead to it; none when it is the module itself. */
  readonly path: readonly string[]
}

/**
 * Finds the function at a path such as `Jwt.verify`, from a module's exports on, and from their
 * `default`, which is where a CommonJS module's exports are for an ES module. Names that Node finds
 * in the source of a CommonJS module are beside `default`: applications take the function from
 * either.
 */
export function findTargets(exports: unknown, path: string): readonly FoundFunction[] {
  // A CommonJS module that is a function is often its own `default` too.
  if (path === 'default' && typeof exports === 'function') {
    return [{ original: exports as AnyFunction, path: [] }]
  }
  const names = path.split('.')
  const paths = path === 'default' ? [names] : [names, ['default', ...names]]
  return paths.flatMap((each) => {
    const original = follow(exports, each)
    return typeof original === 'function' ? [{ original: original as AnyFunction, path: each }] : []
  })
}

function follow(from: unknown, path: readonly string[]): unknown {
  let value = from
  for (const step of path) {
    if (!isHolder(value)) return undefined
    value = value[step]
  }
  return value
}

/** Whether something can have members. */
export function isHolder(value: unknown): value is Holder {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}
