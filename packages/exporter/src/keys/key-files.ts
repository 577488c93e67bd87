import {
  type JsonWebKey,
  type KeyObject,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
} from 'node:crypto'
import { dirname, join } from 'node:path'
import type { Disk } from '../disk/disk.ts'
import { createOnce, makeDirectoryDurably, readFully, writeDurably } from '../disk/files.ts'
import { nodeDisk } from '../disk/node-disk.ts'
import { ExporterError, systemErrorCode } from '../errors.ts'
import type { ExporterSettings } from '../options.ts'
import { MIN_SECRET_BYTES, generatePseudonymJwk, generateSigningJwk, thumbprint } from './jwk.ts'

/** The key that signs certificates. */
export interface SigningKey {
  /** RFC 7638 thumbprint of the public key. */
  readonly id: string
  readonly privateKey: KeyObject
  /** `{ kty, crv, x, kid }`: what a verifier is given. */
  readonly publicJwk: Readonly<Record<'kty' | 'crv' | 'x' | 'kid', string>>
  /** The key's own certificate by the root, for every certificate that it signs. None for a root. */
  readonly chain?: string
  /** `typ` of the certificates that it signs. Default is `log-cert+jwt`. */
  readonly certificateType?: string
}

/** The key of pseudonyms and fingerprints, shared by a fleet. */
export interface PseudonymKey {
  readonly id: string
  readonly epoch: number
  readonly secret: KeyObject
}

/** What {@link loadOrCreateKeys} returns. */
export interface RecorderKeys {
  readonly signing: SigningKey
  readonly pseudonym: PseudonymKey
  /** Key files that did not exist before this call. */
  readonly created: readonly string[]
  /** One sentence for each thing that should not stay as it is. */
  readonly warnings: readonly string[]
}

type KeyFileSettings = Pick<ExporterSettings, 'signingKeyFile' | 'pseudonymKeyFile' | 'rootKeyFile'>

interface KeyFile {
  readonly path: string
  readonly text: string
  readonly created: boolean
}

/**
 * Reads the key files, or makes them once: mode 0600, whole or not at all, and the first of several
 * starters decides. Beside them it keeps the public part of the signing key, which is the root that
 * a verifier is given.
 *
 * @throws {ExporterError} `ERR_EXPORTER_KEY_UNREADABLE`, `ERR_EXPORTER_KEY_MALFORMED`. Messages
 *   name the file and the remedy, never its content.
 */
export function loadOrCreateKeys(settings: KeyFileSettings, disk: Disk = nodeDisk): RecorderKeys {
  const signingFile = readOrCreate(disk, settings.signingKeyFile, generateSigningJwk)
  const pseudonymFile = readOrCreate(disk, settings.pseudonymKeyFile, generatePseudonymJwk)
  const signing = parseSigningKey(signingFile)
  const files = [signingFile, pseudonymFile]
  const warnings = files.flatMap((file) => permissionWarnings(disk, file.path))
  warnings.push(...publishRoot(disk, settings.rootKeyFile, signing))
  return {
    signing,
    pseudonym: parsePseudonymKey(pseudonymFile),
    created: files.filter((file) => file.created).map((file) => file.path),
    warnings,
  }
}

/**
 * Reads an existing pseudonym key and makes none: for whoever only recomputes pseudonyms.
 *
 * @throws {ExporterError} `ERR_EXPORTER_KEY_UNREADABLE`, `ERR_EXPORTER_KEY_MALFORMED`
 */
export function loadPseudonymKey(path: string, disk: Disk = nodeDisk): PseudonymKey {
  return parsePseudonymKey(readExisting(disk, path))
}

/**
 * Reads an existing signing key and makes none: for whoever signs with a key of a production set.
 *
 * @throws {ExporterError} `ERR_EXPORTER_KEY_UNREADABLE`, `ERR_EXPORTER_KEY_MALFORMED`
 */
export function loadSigningKey(path: string, disk: Disk = nodeDisk): SigningKey {
  return parseSigningKey(readExisting(disk, path))
}

function readExisting(disk: Disk, path: string): KeyFile {
  try {
    return { path, text: readFully(disk, path).toString('utf8'), created: false }
  } catch (error) {
    throw new ExporterError(
      'ERR_EXPORTER_KEY_UNREADABLE',
      `The key file ${path} cannot be read (${systemErrorCode(error) ?? 'unknown error'}). ` +
        'Give this process access to it, or name another file.',
      { cause: error },
    )
  }
}

function readOrCreate(disk: Disk, path: string, generate: () => object): KeyFile {
  try {
    let created = false
    if (!disk.stat(path)) {
      makeDirectoryDurably(disk, dirname(path))
      created = createOnce(disk, path, `${JSON.stringify(generate())}\n`)
    }
    return { path, text: readFully(disk, path).toString('utf8'), created }
  } catch (error) {
    throw new ExporterError(
      'ERR_EXPORTER_KEY_UNREADABLE',
      `The key file ${path} can neither be read nor made (${systemErrorCode(error) ?? 'unknown error'}). ` +
        'Give this process access to it, or name another file.',
      { cause: error },
    )
  }
}

function parseSigningKey(file: KeyFile): SigningKey {
  const jwk = parseObject(file)
  const wanted = 'a private Ed25519 JWK (members kty "OKP", crv "Ed25519", x, d)'
  if (jwk['kty'] !== 'OKP' || jwk['crv'] !== 'Ed25519' || typeof jwk['d'] !== 'string') {
    throw malformed(file, wanted)
  }
  const privateKey = importPrivateKey(file, jwk, wanted)
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' })
  if (jwk['x'] !== undefined && jwk['x'] !== x) throw malformed(file, wanted)
  const id = thumbprint(x)
  const { certificate: chain } = jwk
  if (chain !== undefined && typeof chain !== 'string') throw malformed(file, wanted)
  return {
    id,
    privateKey,
    publicJwk: { kty: 'OKP', crv: 'Ed25519', x, kid: id },
    ...(chain !== undefined && { chain }),
  }
}

function importPrivateKey(file: KeyFile, jwk: JsonWebKey, wanted: string): KeyObject {
  try {
    return createPrivateKey({ key: jwk, format: 'jwk' })
  } catch {
    // The foreign error may quote the key.
    throw malformed(file, wanted)
  }
}

function parsePseudonymKey(file: KeyFile): PseudonymKey {
  const jwk = parseObject(file)
  const { kty, k, kid: id, epoch } = jwk
  const secret = Buffer.from(typeof k === 'string' ? k : '', 'base64url')
  const isWhole =
    kty === 'oct' &&
    secret.length >= MIN_SECRET_BYTES &&
    secret.toString('base64url') === k &&
    typeof id === 'string' &&
    /^[\w.-]{1,64}$/.test(id) &&
    typeof epoch === 'number' &&
    Number.isSafeInteger(epoch) &&
    epoch >= 1
  if (isWhole) return { id, epoch, secret: createSecretKey(secret) }
  throw malformed(
    file,
    'a secret JWK (members kty "oct", k of at least 32 bytes, kid of letters, digits, "-", "_", ".", and epoch, an integer of at least 1)',
  )
}

function parseObject(file: KeyFile): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(file.text)
    if (typeof parsed === 'object' && parsed !== null) return { ...parsed }
  } catch {
    // JSON.parse quotes the text, which may be a key.
  }
  throw malformed(file, 'a JWK, one JSON object')
}

function malformed(file: KeyFile, wanted: string): ExporterError {
  return new ExporterError(
    'ERR_EXPORTER_KEY_MALFORMED',
    `The key file ${file.path} is not ${wanted}. Put the right file there; ` +
      'a file that never held a key may be removed, and a new key is made at the next start.',
  )
}

function permissionWarnings(disk: Disk, path: string): string[] {
  if (process.platform === 'win32') return []
  try {
    const mode = disk.stat(path)?.mode ?? 0
    if ((mode & 0o077) === 0) return []
    return [`The key file ${path} can be read by others. Run: chmod 600 '${path}'`]
  } catch (error) {
    // The key is read by now: no process ends for what may be said of its file.
    const code = systemErrorCode(error) ?? 'unknown error'
    return [`Who can read the key file ${path} cannot be told (${code}).`]
  }
}

/** Keeps the public key where verifiers are told to look for it. */
function publishRoot(disk: Disk, path: string, key: SigningKey): string[] {
  // A key that a root has certified is none; the root's own file came with it.
  if (key.chain !== undefined) return []
  const text = `${JSON.stringify(key.publicJwk)}\n`
  try {
    const held = disk.stat(path) ? readFully(disk, path).toString('utf8') : undefined
    if (held === text) return []
    // Beside a registry's key lies the root of a deployment, which is not ours to replace.
    if (held !== undefined && disk.stat(join(dirname(path), 'registry.jwk.json'))) {
      return [`${path} is the root of a deployment, and does not certify the signing key in use.`]
    }
    makeDirectoryDurably(disk, dirname(path))
    writeDurably(disk, path, text)
    if (held === undefined) return []
    return [`${path} held another public key; it now holds that of the signing key in use.`]
  } catch (error) {
    const code = systemErrorCode(error) ?? 'unknown error'
    return [`The public key could not be written to ${path} (${code}).`]
  }
}
