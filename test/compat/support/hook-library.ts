import { createRequire } from 'node:module'
import { join } from 'node:path'
import type {
  LibraryDefinition,
  ObservedFact,
} from '../../../packages/instrumentation/dist/hooks/library.js'
import { patchExports } from '../../../packages/instrumentation/dist/hooks/patch.js'
import { LIBRARIES } from './recorded-application.ts'

/** A library that is hooked in this process. */
export interface HookedLibrary<Exports> {
  readonly exports: Exports
  /** What its hooks told since they were last asked. */
  readonly takeFacts: () => readonly NonNullable<ObservedFact>[]
}

/**
 * Loads a CommonJS library as an application of `test/libraries` would, and hooks it as if a
 * request were being served. A fault of a hook fails the test.
 */
export function hookLibrary<Exports>(
  folder: string,
  library: LibraryDefinition,
): HookedLibrary<Exports> {
  const require = createRequire(join(LIBRARIES, folder, 'package.json'))
  const facts: NonNullable<ObservedFact>[] = []
  const receiver = {
    isServing: true,
    notes: new WeakMap<object, string>(),
    take(fact: ObservedFact) {
      if (fact !== undefined) facts.push(fact)
    },
    onFault(_: string, error: unknown) {
      throw error
    },
  }
  const { exports, hooked } = patchExports(
    require(library.module),
    library,
    library.hooks,
    () => receiver,
  )
  if (hooked === 0) throw new Error(`nothing of ${library.name} was hooked`)
  return { exports: exports as Exports, takeFacts: () => facts.splice(0) }
}
