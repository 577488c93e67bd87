import { createRequire } from 'node:module'
import { sep } from 'node:path'
import type { LibraryDefinition } from './hooks/library.ts'
import { isInRange } from './hooks/version-range.ts'
import type { HookState } from './types.ts'

/** What happened to one library so far. */
interface LibraryHistory {
  readonly liveVersions: Set<string>
  readonly otherVersions: Set<string>
  loadedBefore: boolean
}

/**
 * Knows which hooks work in this process. The instrumentation reports what it sees; nothing else
 * writes here.
 */
export class SelfTest {
  readonly #libraries: readonly LibraryDefinition[]
  readonly #histories = new Map<string, LibraryHistory>()
  #loaderHook: boolean | undefined

  constructor(libraries: readonly LibraryDefinition[]) {
    this.#libraries = libraries
    for (const { name, module } of libraries) {
      this.#histories.set(name, {
        liveVersions: new Set(),
        otherVersions: new Set(),
        loadedBefore: isRequired(module),
      })
    }
  }

  /**
   * A copy of the library is being loaded, whatever its version.
   *
   * @param onInactive - Told once per version when nothing hooked it in the same turn.
   */
  sawLibrary(name: string, version: string, onInactive: (state: HookState) => void): void {
    const history = this.#histories.get(name)
    const library = this.#libraries.find((candidate) => candidate.name === name)
    if (history === undefined || library === undefined) return
    if (history.liveVersions.has(version) || history.otherVersions.has(version)) return
    history.otherVersions.add(version)
    queueMicrotask(() => {
      if (history.otherVersions.has(version)) onInactive(this.#stateOf(library))
    })
  }

  /** Its functions were hooked. */
  hookedLibrary(name: string, version: string): void {
    const history = this.#histories.get(name)
    history?.liveVersions.add(version)
    history?.otherVersions.delete(version)
  }

  /** Result of the loader probe: whether `import` is seen at all. */
  probedLoader(works: boolean): void {
    this.#loaderHook = works
  }

  /** States of the HTTP hook and of every library that is not switched off. */
  states(httpLive: boolean): readonly HookState[] {
    const http: HookState = httpLive
      ? { name: 'http', state: 'live' }
      : { name: 'http', state: 'inactive', reason: 'The instrumentation is disabled.' }
    return [http, ...this.#libraries.map((library) => this.#stateOf(library))]
  }

  #stateOf(library: LibraryDefinition): HookState {
    const { name } = library
    const history = this.#histories.get(name)
    const live = [...(history?.liveVersions ?? [])]
    const others = [...(history?.otherVersions ?? [])]
    const seen = [...live, ...others]
    const versions = seen.length === 0 ? {} : { versions: seen }
    const unhooked = others.map((version) => describeUnhooked(library, version)).join(' ')
    const tooEarly = history?.loadedBefore === true ? describeTooEarly(library) : undefined
    if (live.length > 0) {
      // What somebody took from the module before is not hooked.
      const limit = others.length === 0 ? tooEarly : unhooked
      return { name, state: 'live', ...versions, ...(limit === undefined ? {} : { reason: limit }) }
    }
    if (others.length > 0) return { name, state: 'inactive', reason: unhooked, ...versions }
    if (tooEarly !== undefined) return { name, state: 'inactive', reason: tooEarly }
    return this.#stateOfUnseen(library)
  }

  #stateOfUnseen({ name }: LibraryDefinition): HookState {
    if (this.#loaderHook === false) {
      const reason =
        'No loader hook: an ES module import is not seen. ' +
        'Start with --import @tokentrail/node/register, and with one copy of import-in-the-middle ' +
        '(npm ls import-in-the-middle).'
      return { name, state: 'inactive', reason }
    }
    return { name, state: 'waiting' }
  }
}

function describeUnhooked({ name, versions }: LibraryDefinition, version: string): string {
  return versions.some((range) => isInRange(version, range))
    ? `${name} ${version} is not hooked: it has none of the functions that are known of its versions.`
    : `${name} ${version} is not hooked: supported is ${versions.join(' || ')}.`
}

function describeTooEarly({ module }: LibraryDefinition): string {
  return `"${module}" was loaded before the instrumentation: load that first, with --import.`
}

/** Whether a package has been `require`d; of ES modules that were imported Node tells nothing. */
function isRequired(module: string): boolean {
  const folder = `${sep}node_modules${sep}${module.split('/').join(sep)}${sep}`
  const { cache } = createRequire(import.meta.url)
  return Object.keys(cache).some((file) => file.includes(folder))
}
