import { types } from 'node:util'
import type { FaultHandler } from '../types.ts'
import type { LibraryDefinition, LibraryHook } from './library.ts'
import { isWrapped, wrapFunction } from './wrap.ts'

/**
 * Replaces the hooked functions among a module's exports.
 *
 * - An ES module that import-in-the-middle intercepted takes the replacement by assignment.
 * - The namespace of an ES module that was `require`d cannot be changed at all ("Cannot redefine
 *   property"): the caller gets a plain copy.
 * - A CommonJS module seen from an ES module has its exports under `default`.
 *
 * @param hooks - Hooks of the library that this module exports.
 * @returns The exports to use, and how many functions are hooked in them.
 */
export function patchExports(
  exports: unknown,
  library: LibraryDefinition,
  hooks: readonly LibraryHook[],
  onFault: FaultHandler,
): { readonly exports: unknown; readonly hooked: number } {
  if (typeof exports !== 'object' || exports === null) return { exports, hooked: 0 }
  const target: Exports = types.isModuleNamespaceObject(exports)
    ? { ...exports }
    : (exports as Exports)
  let hooked = 0
  for (const hook of hooks) {
    const holder = findHolder(target, hook.exportName)
    if (holder === undefined) continue
    const original = holder[hook.exportName]
    if (typeof original !== 'function') continue
    hooked += 1
    if (isWrapped(original)) continue
    const name = `${library.name}.${hook.exportName}`
    const wrapped = wrapFunction(
      original as Parameters<typeof wrapFunction>[0],
      name,
      hook,
      onFault,
    )
    replaceExport(holder, hook.exportName, wrapped)
  }
  return { exports: target, hooked }
}

type Exports = Record<string, unknown>

function findHolder(exports: Exports, name: string): Exports | undefined {
  if (typeof exports[name] === 'function') return exports
  const inner = exports['default']
  return typeof inner === 'object' && inner !== null ? (inner as Exports) : undefined
}

/** Exports compiled from TypeScript are getters: assignment to them does nothing or throws. */
function replaceExport(holder: Exports, name: string, value: unknown): void {
  const descriptor = Object.getOwnPropertyDescriptor(holder, name)
  if (descriptor?.get !== undefined && descriptor.configurable === true) {
    Object.defineProperty(holder, name, { value, enumerable: true, configurable: true })
    return
  }
  holder[name] = value
}
