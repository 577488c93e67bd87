import { currentRecording } from './recording.ts'

/**
 * Hooks a library in a bundled application, whose modules no preload can see: give it what was
 * imported, and use what it returns. HTTP is recorded in a bundle without this; the hook adds who
 * made a request and why a token was refused.
 *
 * @example
 *   Hook jose in a bundle
 *
 *   ```ts
 *   import * as bundled from 'jose'
 *   import { instrumentModule } from '@tokentrail/node'
 *   const { jwtVerify } = instrumentModule('jose', bundled)
 *   ```
 *
 * @param name - Name of the library in the table of hooks, e.g. `jose`; `tokentrail doctor` lists
 *   them.
 * @param exports - Everything that the library's module exports.
 * @returns The exports with their functions hooked; as they are where nothing is recorded.
 * @throws {TypeError} When no library has this name, or it is switched off.
 */
export function instrumentModule<Exports>(name: string, exports: Exports): Exports {
  const recording = currentRecording()
  return recording === undefined
    ? exports
    : recording.instrumentation.instrumentModule(name, exports)
}
