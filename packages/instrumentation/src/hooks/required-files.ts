import { readFileSync } from 'node:fs'
import Module, { createRequire } from 'node:module'
import { join, sep } from 'node:path'
import { runSafely } from '../safe.ts'
import type { LibraryDefinition } from './library.ts'
import { type LibraryListener, patchLibrary } from './module-definitions.ts'
import { isInRange } from './version-range.ts'

/**
 * Hooks files that are `require`d of packages without a main module (`withoutMain`): the require
 * hook of OpenTelemetry gives them up, because it looks for the main module first.
 */
export function hookRequiredFiles(
  libraries: readonly LibraryDefinition[],
  listener: LibraryListener,
): void {
  const candidates = libraries.filter(({ withoutMain }) => withoutMain === true)
  if (candidates.length === 0) return
  const original: unknown = Reflect.get(Module.prototype, 'require')
  if (typeof original !== 'function') return
  Module.prototype.require = function (this: NodeJS.Module, id: string): unknown {
    const exports: unknown = Reflect.apply(original, this, [id])
    const library = candidates.find(({ module }) => id.startsWith(`${module}/`))
    if (library === undefined) return exports
    let patched = exports
    runSafely(listener.onFault, `${library.name} hook`, () => {
      patched = patchFile(exports, createRequire(this.filename).resolve(id), library, listener)
    })
    return patched
  } as NodeJS.Require
}

function patchFile(
  exports: unknown,
  filename: string,
  library: LibraryDefinition,
  listener: LibraryListener,
): unknown {
  const folder = `${sep}${join('node_modules', library.module)}${sep}`
  const start = filename.lastIndexOf(folder)
  if (start === -1) return exports
  const root = filename.slice(0, start + folder.length)
  const file = filename.slice(root.length).split(sep).join('/')
  const hooks = library.hooks.filter(({ files = [] }) => files.includes(file))
  if (hooks.length === 0) return exports
  const version = readVersion(root)
  listener.sawLibrary(library.name, version)
  if (!library.versions.some((range) => isInRange(version, range))) return exports
  return patchLibrary(exports, version, library, hooks, listener)
}

function readVersion(root: string): string {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest
  return manifest.version ?? 'unknown'
}

interface Manifest {
  readonly version?: string
}
