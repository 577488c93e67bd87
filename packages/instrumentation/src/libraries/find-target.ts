import type { AnyFunction } from './watch/watch.ts'

/** An object whose members can be replaced: exports, a class, its prototype. */
export type Holder = Record<string, unknown>

/** A function of a module, and where it is. */
export interface HookTarget {
  readonly original: AnyFunction
  /** What it is a member of; undefined when it is the module itself. */
  readonly holder: Holder | undefined
  readonly name: string
}

/**
 * Finds the function at a path such as `Jwt.verify`, from a module's exports on or from their
 * `default`, which is where a CommonJS module's exports are for an ES module.
 *
 * @returns Undefined when there is none.
 */
export function findTarget(exports: unknown, path: string): HookTarget | undefined {
  // A CommonJS module that is a function is often its own `default` too.
  if (path === 'default' && typeof exports === 'function') {
    return { original: exports as AnyFunction, holder: undefined, name: path }
  }
  const found = follow(exports, path.split('.'))
  if (found !== undefined || path === 'default') return found
  return isHolder(exports) ? follow(exports['default'], path.split('.')) : undefined
}

function follow(from: unknown, path: readonly string[]): HookTarget | undefined {
  let holder = from
  for (const step of path.slice(0, -1)) {
    if (!isHolder(holder)) return undefined
    holder = holder[step]
  }
  const name = path.at(-1)
  if (name === undefined || !isHolder(holder)) return undefined
  const original = holder[name]
  return typeof original === 'function'
    ? { original: original as AnyFunction, holder, name }
    : undefined
}

function isHolder(value: unknown): value is Holder {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
}
