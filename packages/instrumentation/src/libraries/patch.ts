import { types } from 'node:util'
import { findTarget, type Holder } from './find-target.ts'
import { listenTo } from './listen.ts'
import type { LibraryDefinition, LibraryHook } from './library.ts'
import { createProbe, type FindReceiver, isWrapped } from './probe.ts'
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
  let current = isNamespace(exports) ? copyOf(exports) : exports
  let hooked = 0
  for (const hook of hooks) {
    const target = findTarget(current, hook.exportName)
    if (target === undefined) continue
    hooked += 1
    if (isWrapped(target.original)) continue
    const wrapper = wrap(target.original, hook, `${library.name}.${hook.exportName}`, findReceiver)
    current = replace(current, target.holder, target.name, wrapper)
  }
  return { exports: current, hooked }
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

/** Puts a function in its place; gives the exports, or what now stands for them. */
function replace(
  exports: unknown,
  holder: Holder | undefined,
  name: string,
  wrapper: AnyFunction,
): unknown {
  if (holder === undefined) return wrapper
  const descriptor = Object.getOwnPropertyDescriptor(holder, name)
  if (descriptor === undefined || descriptor.writable === true) {
    // Assignment, which import-in-the-middle intercepts; it keeps the property's other traits.
    holder[name] = wrapper
    return exports
  }
  const { enumerable = true } = descriptor
  const property = { value: wrapper, enumerable, configurable: true, writable: true }
  if (descriptor.configurable === true) {
    Object.defineProperty(holder, name, property)
    return exports
  }
  return holder === exports ? Object.defineProperty(copyOf(holder), name, property) : exports
}

function isNamespace(exports: unknown): exports is object {
  return types.isModuleNamespaceObject(exports)
}

function copyOf(exports: object): Holder {
  return Object.defineProperties({}, toChangeable(Object.getOwnPropertyDescriptors(exports)))
}

function toChangeable(descriptors: PropertyDescriptorMap): PropertyDescriptorMap {
  for (const descriptor of Object.values(descriptors)) descriptor.configurable = true
  return descriptors
}
