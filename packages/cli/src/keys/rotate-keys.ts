import { existsSync } from 'node:fs'
import {
  createKeyFile,
  generatePseudonymJwk,
  generateSigningJwk,
  loadPseudonymKey,
  loadSigningKey,
  replaceKeyFile,
  type SigningJwk,
  type SigningKey,
} from '@tokentrail/exporter'
import type { IssuerUse } from '@tokentrail/ledger'
import { CliError } from '../errors.ts'
import { certifyIssuer, certifyRegistry, readClaims, type Certifier } from './certify.ts'
import { readRootSet } from './init-keys.ts'
import {
  formatKey,
  keySetPaths,
  listPseudonymFiles,
  readKeyJson,
  retiredPseudonymPath,
  type KeySetPaths,
} from './key-set.ts'

/** Keys that can be rotated. */
export const ROTATABLE = ['root', 'registry', 'instance', 'erasure', 'pseudonym'] as const

/** A key that can be rotated. */
export type RotatableKey = (typeof ROTATABLE)[number]

/**
 * Puts a new key in the place of one of a set. Returns what the operator must know or do, a
 * sentence each.
 *
 * @param now - POSIX seconds.
 * @throws {CliError} `ERR_CLI_INPUT` where a file that is needed is not there
 */
export function rotateKey(folder: string, key: RotatableKey, now: number): readonly string[] {
  const paths = keySetPaths(folder)
  if (key === 'pseudonym') return rotatePseudonym(paths)
  if (!existsSync(paths.rootPrivate)) {
    throw new CliError(
      'ERR_CLI_INPUT',
      `${paths.rootPrivate} is not there, and only the root certifies; bring it back for this`,
    )
  }
  if (key === 'root') return rotateRoot(paths, now)
  const certifier = certifierOf(paths, loadSigningKey(paths.rootPrivate), now)
  if (key === 'registry') return renewRegistry(paths, certifier)
  const file = paths[key]
  const use = useOf(file)
  replaceKeyFile(file, formatKey(certifyIssuer(generateSigningJwk(), use, certifier)))
  return [
    `${file} holds a new key. What the old one has certified stays valid for its time.`,
    'Give the file to whoever uses it, and have them start anew.',
  ]
}

/** The key lasts, so that its log stays one; only its certificate is new. */
function renewRegistry(paths: KeySetPaths, certifier: Certifier): readonly string[] {
  recertifyRegistry(paths, certifier)
  return [
    `${paths.registry} holds the same key under a new certificate: the key of a registry lasts.`,
    'If the key itself is lost or stolen, make a new set under another name.',
  ]
}

/**
 * A crash between the steps leaves a public root whose private part is gone, which nothing is
 * signed by; the next run goes on.
 */
function rotateRoot(paths: KeySetPaths, now: number): readonly string[] {
  const jwk = generateSigningJwk()
  const { kty, crv, x, kid } = jwk
  const keys = [{ kty, crv, x, kid }, ...readRootSet(paths.root)]
  const { name } = certifierOf(paths, loadSigningKey(paths.rootPrivate), now)
  replaceKeyFile(paths.root, formatKey({ keys }))
  replaceKeyFile(paths.rootPrivate, formatKey(jwk))
  const certifier = { root: loadSigningKey(paths.rootPrivate), name, now }
  recertifyRegistry(paths, certifier)
  for (const file of [paths.instance, paths.erasure]) {
    const held = readKeyJson(file) as unknown as SigningJwk
    replaceKeyFile(file, formatKey(certifyIssuer(held, useOf(file), certifier)))
  }
  return [
    `${paths.root} holds the new public root and the ones before it: give it to every verifier.`,
    'The registry, instance and erasure keys are certified by the new root.',
  ]
}

function recertifyRegistry({ registry }: KeySetPaths, certifier: Certifier): void {
  const { origin, ...held } = readKeyJson(registry)
  const jwk = held as unknown as SigningJwk
  replaceKeyFile(registry, formatKey(certifyRegistry(jwk, String(origin), certifier)))
}

/** The key before it is kept: without it nobody finds who its pseudonyms stand for. */
function rotatePseudonym({ folder, pseudonym }: KeySetPaths): readonly string[] {
  const { epoch } = loadPseudonymKey(pseudonym)
  const retired = retiredPseudonymPath(folder, epoch)
  createKeyFile(retired, formatKey(readKeyJson(pseudonym)))
  if (loadPseudonymKey(retired).id !== loadPseudonymKey(pseudonym).id) {
    throw new CliError('ERR_CLI_INPUT', `${retired} holds another key of this epoch; move it away`)
  }
  replaceKeyFile(pseudonym, formatKey(generatePseudonymJwk(epoch + 1)))
  return [
    `${pseudonym} holds epoch ${epoch + 1}; epoch ${epoch} is kept as ${retired} for searches.`,
    'Give the new file to every service of the fleet and have them start anew.',
  ]
}

/**
 * Takes an epoch of the pseudonym key out of use: the one in use by rotating it away.
 *
 * @throws {CliError} `ERR_CLI_INPUT` where there is no such epoch
 */
export function expireEpoch(folder: string, epoch: number, now: number): readonly string[] {
  const { pseudonym } = keySetPaths(folder)
  const file = listPseudonymFiles(folder).find((one) => loadPseudonymKey(one).epoch === epoch)
  if (file === undefined) {
    throw new CliError('ERR_CLI_INPUT', `${folder} has no pseudonym key of epoch ${epoch}`)
  }
  if (file === pseudonym) return rotateKey(folder, 'pseudonym', now)
  return [`Epoch ${epoch} is not in use; ${file} is kept for searches.`]
}

function useOf(file: string): IssuerUse {
  return readClaims(readKeyJson(file)['certificate'])['use'] as IssuerUse
}

function certifierOf(paths: KeySetPaths, root: SigningKey, now: number): Certifier {
  const { iss } = readClaims(readKeyJson(paths.registry)['certificate'])
  return { root, now, name: typeof iss === 'string' ? iss : 'tokentrail' }
}
