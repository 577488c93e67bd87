import { findTargets, type FoundFunction } from './find-target.ts'
import { listenTo } from './listen.ts'
import type { LibraryDefinition, LibraryHook } from './library.ts'
import { createProbe, type FindReceiver, isWrapped } from './probe.ts'
import { placeAt } from './place-at.ts'
import { watchResult } from './watch/watch-result.ts'
import type { AnyFunction } from './watch/watch.ts'

/** A module after its hooks were installed. */
export interface Patched {
  /** The exports to use. */
  readonly exports: unknown
  /** How many functions are hooked in them. */
  readonly hooked: number
}

/**
 * Replaces the hooked functions among a module's exports.
 *
 * - An ES module that import-in-the-middle intercepted takes the replacement by assignment.
 * - The namespace of an ES module that was `require`d, and a CommonJS module with fixed getters,
 *   cannot be changed at all ("Cannot redefine property"): the caller gets a plain copy.
 * - A CommonJS module seen from an ES module has its exports under `default`.
 *
 * @param hooks - Hooks of the library that this module exports.
 */
export function patchExports(
  exports: unknown,
  library: LibraryDefinition,
  hooks: readonly LibraryHook[],
  findReceiver: FindReceiver,
): Patched {
  let current = exports
  let hooked = 0
  for (const hook of hooks) {
    const name = `${library.name}.${hook.exportName}`
    const targets = findTargets(current, hook.exportName)
    const patched = replaceAll(current, targets, (original) =>
      wrap(original, hook, name, findReceiver),
    )
    if (patched === undefined) continue
    current = patched
    hooked += 1
  }
  return { exports: current, hooked }
}

/** Undefined when no target could be replaced, or there is none. */
function replaceAll(
  exports: unknown,
  targets: readonly FoundFunction[],
  wrapTarget: (original: AnyFunction) => AnyFunction,
): unknown {
  const wrappers = new Map<AnyFunction, AnyFunction>()
  let current: unknown
  for (const { original, path } of targets) {
    // One function in two places stays one.
    const wrapper =
      wrappers.get(original) ?? (isWrapped(original) ? original : wrapTarget(original))
    wrappers.set(original, wrapper)
    current = placeAt(current ?? exports, path, wrapper) ?? current
  }
  return current
}

function wrap(
  original: AnyFunction,
  hook: LibraryHook,
  hookName: string,
  findReceiver: FindReceiver,
): AnyFunction {
  if ('listen' in hook) return listenTo(original, hook, hookName, findReceiver)
  return (hook.watch ?? watchResult)(original, createProbe(hook, hookName, findReceiver))
}
