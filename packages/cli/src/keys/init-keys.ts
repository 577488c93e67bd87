import { existsSync } from 'node:fs'
import {
  createKeyFile,
  generatePseudonymJwk,
  generateSigningJwk,
  loadSigningKey,
} from '@tokentrail/exporter'
import { CliError } from '../errors.ts'
import { certifyIssuer, certifyRegistry, readClaims } from './certify.ts'
import { formatKey, keySetPaths, readKeyJson, toPublicJwk, type KeySetPaths } from './key-set.ts'

/** Options of {@link initKeys}. */
export interface InitKeysOptions {
  readonly folder: string
  /** Name of the deployment: the registry's origin is `<name>/registry`. */
  readonly name: string
  /** The services hold the instance key themselves, because there is no registry. */
  readonly mounted: boolean
  /** POSIX seconds. */
  readonly now: number
}

/** What {@link initKeys} has made. */
export interface MadeKeys {
  readonly paths: KeySetPaths
  /** Files that did not exist before. */
  readonly created: readonly string[]
}

/**
 * Makes the key set of a deployment. Each file is made once, whole, for its owner alone; what is
 * there already is kept, so that a run that was interrupted can be repeated.
 *
 * @throws {CliError} `ERR_CLI_INPUT` where keys are there whose root is not, or of another name or
 *   use
 */
export function initKeys({ folder, name, mounted, now }: InitKeysOptions): MadeKeys {
  const paths = keySetPaths(folder)
  const { rootPrivate, registry, instance, erasure, pseudonym } = paths
  if (!existsSync(rootPrivate) && [registry, instance, erasure].some((file) => existsSync(file))) {
    throw new CliError(
      'ERR_CLI_INPUT',
      `${folder} holds keys that a root has certified which is not there; bring back ` +
        `${rootPrivate}, or name an empty folder`,
    )
  }
  const use = mounted ? 'mounted' : 'endpoint'
  checkHeld(registry, 'origin', readHeld(registry)['origin'], registryOrigin(name))
  checkHeld(instance, 'use', readClaims(readHeld(instance)['certificate'])['use'], use)
  const created: string[] = []
  const make = (file: string, build: () => object): void => {
    if (!existsSync(file) && createKeyFile(file, formatKey(build()))) created.push(file)
  }
  make(rootPrivate, generateSigningJwk)
  const root = loadSigningKey(rootPrivate)
  const certifier = { root, name, now }
  make(paths.root, () => root.publicJwk)
  make(registry, () => certifyRegistry(generateSigningJwk(), registryOrigin(name), certifier))
  make(instance, () => certifyIssuer(generateSigningJwk(), use, certifier))
  make(erasure, () => certifyIssuer(generateSigningJwk(), 'erasure', certifier))
  make(pseudonym, () => generatePseudonymJwk())
  return { paths, created }
}

/** What a key that is there already says of itself; nothing of one that is not. */
function readHeld(file: string): Readonly<Record<string, unknown>> {
  return existsSync(file) ? readKeyJson(file) : {}
}

/** A key is kept as it is: whoever asks for another must not believe that he got it. */
function checkHeld(file: string, what: string, held: unknown, wanted: string): void {
  if (held === undefined || held === wanted) return
  throw new CliError(
    'ERR_CLI_INPUT',
    `${file} is there with the ${what} ${JSON.stringify(held)}, not "${wanted}"; ` +
      'name an empty folder, or repeat the call that has made it',
  )
}

/** Origin of a deployment's registry. */
function registryOrigin(name: string): string {
  return `${encodeURIComponent(name)}/registry`
}

/** Public keys of a set's root file, as a JWK Set has them. */
export function readRootSet(file: string): readonly object[] {
  const value = readKeyJson(file)
  const keys = Array.isArray(value['keys']) ? (value['keys'] as readonly object[]) : [value]
  return keys.map((key) => toPublicJwk(key as Parameters<typeof toPublicJwk>[0]))
}
