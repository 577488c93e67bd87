import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { SigningJwk } from '@tokentrail/exporter'
import { CliError } from '../errors.ts'
import { readNamedFile } from '../named-file.ts'

/** Files of a deployment's key set. */
export interface KeySetPaths {
  readonly folder: string
  /** Private root key: it certifies the others, and belongs in a safe. */
  readonly rootPrivate: string
  /** Public root keys: what a verifier is given. */
  readonly root: string
  readonly registry: string
  readonly instance: string
  readonly erasure: string
  readonly pseudonym: string
}

/** Key of the registry's log, with its origin. */
export interface RegistryJwk extends SigningJwk {
  /** Origin of the registry's log. */
  readonly origin: string
}

/** Where the keys of a set lie. */
export function keySetPaths(folder: string): KeySetPaths {
  const at = (name: string): string => join(folder, `${name}.jwk.json`)
  return {
    folder,
    rootPrivate: at('root-private'),
    root: at('root'),
    registry: at('registry'),
    instance: at('instance'),
    erasure: at('erasure'),
    pseudonym: at('pseudonym'),
  }
}

/** Where the pseudonym key of an epoch is kept once another is in use. */
export function retiredPseudonymPath(folder: string, epoch: number): string {
  return join(folder, `pseudonym.${epoch}.jwk.json`)
}

/** Files of all pseudonym keys of a folder: the one in use first, then the newest. */
export function listPseudonymFiles(folder: string): readonly string[] {
  const epochs = existsSync(folder)
    ? readdirSync(folder).flatMap((name) => {
        const digits = /^pseudonym\.([1-9]\d{0,8})\.jwk\.json$/.exec(name)?.[1]
        return digits === undefined ? [] : [Number(digits)]
      })
    : []
  const current = keySetPaths(folder).pseudonym
  return [
    ...(existsSync(current) ? [current] : []),
    ...epochs.sort((a, b) => b - a).map((epoch) => retiredPseudonymPath(folder, epoch)),
  ]
}

/**
 * Reads a key file as JSON.
 *
 * @throws {CliError} `ERR_CLI_INPUT` naming the file, never its content
 */
export function readKeyJson(file: string): Readonly<Record<string, unknown>> {
  const text = readNamedFile('the key file', file, 'ERR_CLI_INPUT')
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return { ...value }
  } catch {
    // The foreign error quotes the text, which may be a key.
  }
  throw new CliError('ERR_CLI_INPUT', `the key file ${file} holds no JSON object`)
}

/** Text of a key file. */
export function formatKey(jwk: object): string {
  return `${JSON.stringify(jwk)}\n`
}

/** Public part of a private JWK. */
export function toPublicKey(jwk: SigningJwk): KeyObject {
  return createPublicKey(createPrivateKey({ key: { ...jwk }, format: 'jwk' }))
}

/** What of a signing key everybody may see. */
export function toPublicJwk({ kty, crv, x, kid }: SigningJwk): object {
  return { kty, crv, x, kid }
}
