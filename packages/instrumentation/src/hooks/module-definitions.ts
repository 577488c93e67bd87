import {
  InstrumentationNodeModuleDefinition,
  InstrumentationNodeModuleFile,
} from '@opentelemetry/instrumentation'
import { reportFault } from '../safe.ts'
import type { FaultHandler } from '../types.ts'
import type { LibraryDefinition, LibraryHook } from './library.ts'
import { patchExports } from './patch.ts'
import type { FindReceiver } from './probe.ts'

/** Told what happens to the libraries; called long after the definitions were built. */
export interface LibraryListener {
  /** A copy of the library is being loaded, whatever its version. */
  sawLibrary(name: string, version: string): void
  /** Its functions were hooked. */
  hookedLibrary(name: string, version: string): void
  readonly onFault: FaultHandler
  /** Gives who takes the facts; undefined until the instrumentation is enabled. */
  readonly findReceiver: FindReceiver
}

/**
 * Builds what OpenTelemetry's base class needs to hook the libraries: for each a definition that
 * only looks (the base class says nothing of a version that is not supported) and one that
 * patches.
 */
export function buildModuleDefinitions(
  libraries: readonly LibraryDefinition[],
  listener: LibraryListener,
): InstrumentationNodeModuleDefinition[] {
  return libraries.flatMap((library) => [
    buildWitness(library, listener),
    buildPatcher(library, listener),
  ])
}

function buildWitness(
  library: LibraryDefinition,
  listener: LibraryListener,
): InstrumentationNodeModuleDefinition {
  const look = (exports: unknown, version: string | undefined): unknown => {
    listener.sawLibrary(library.name, version ?? 'unknown')
    return exports
  }
  const { module } = library
  if (library.onlyInFiles !== true) {
    return new InstrumentationNodeModuleDefinition(module, ['*'], look)
  }
  const files = library.hooks.flatMap((hook) =>
    (hook.files ?? []).map(
      (file) => new InstrumentationNodeModuleFile(`${module}/${file}`, ['*'], look, () => {}),
    ),
  )
  return new InstrumentationNodeModuleDefinition(module, ['*'], undefined, undefined, files)
}

function buildPatcher(
  library: LibraryDefinition,
  listener: LibraryListener,
): InstrumentationNodeModuleDefinition {
  const versions = [...library.versions]
  const patchWith =
    (hooks: readonly LibraryHook[]) =>
    (exports: unknown, version?: string): unknown =>
      patchLibrary(exports, version ?? 'unknown', library, hooks, listener)
  const files = library.hooks.flatMap((hook) =>
    (hook.files ?? []).map(
      (file) =>
        new InstrumentationNodeModuleFile(
          `${library.module}/${file}`,
          versions,
          patchWith([hook]),
          () => {},
        ),
    ),
  )
  const patch = library.onlyInFiles === true ? undefined : patchWith(library.hooks)
  return new InstrumentationNodeModuleDefinition(library.module, versions, patch, undefined, files)
}

/** Hooks what a module exports; one that cannot be hooked is given back as it was. */
export function patchLibrary(
  exports: unknown,
  version: string,
  library: LibraryDefinition,
  hooks: readonly LibraryHook[],
  listener: LibraryListener,
): unknown {
  try {
    const patched = patchExports(exports, library, hooks, listener.findReceiver)
    if (patched.hooked > 0) listener.hookedLibrary(library.name, version)
    return patched.exports
  } catch (error) {
    // A library that cannot be hooked works as before; the self-test shows it as inactive.
    reportFault(listener.onFault, `${library.name} hook`, error)
    return exports
  }
}
