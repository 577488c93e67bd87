import { readFileSync } from 'node:fs'
import type { RootKey } from './root-key.ts'

/**
 * Reads the public root keys of a file: a JWK or a JWK Set (RFC 7517 §5). A file that is not there,
 * or is something else, adds none: logs are then trusted by the other roots alone.
 */
export function readRootFile(path: string): readonly RootKey[] {
  try {
    const value = JSON.parse(readFileSync(path, 'utf8')) as RootKey & {
      readonly keys?: readonly RootKey[]
    }
    return Array.isArray(value.keys) ? value.keys : [value]
  } catch {
    return []
  }
}
