import type { JWK } from 'jose'
import { CliError } from './errors.ts'
import { readNamedFile } from './named-file.ts'

const WANTED = 'a public Ed25519 JWK (members kty "OKP", crv "Ed25519", x), or a set of them'

/** A file of root keys, and what names it. */
interface RootFile {
  readonly by: string
  readonly path: string
}

function wrongRoot({ by, path }: RootFile, problem: string): CliError {
  return new CliError('ERR_CLI_USAGE', `${by} ${path} ${problem}`)
}

function readJson(file: RootFile): unknown {
  const text = readNamedFile(file.by, file.path)
  try {
    return JSON.parse(text)
  } catch {
    // The foreign error quotes the text, which may be a private key.
    throw wrongRoot(file, `is not JSON; it must be ${WANTED}`)
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The keys of a JWK Set or array; `undefined` for anything else. */
function listKeys(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value
  return isObject(value) && Array.isArray(value['keys']) ? value['keys'] : undefined
}

function isEd25519(value: unknown): value is Record<string, unknown> {
  return isObject(value) && value['kty'] === 'OKP' && value['crv'] === 'Ed25519'
}

function toRootKey({ x, kid }: Record<string, unknown>, file: RootFile): JWK {
  if (typeof x !== 'string' || !/^[A-Za-z0-9_-]{43}$/.test(x)) {
    throw wrongRoot(file, 'has a key whose member "x" is not 43 characters of base64url')
  }
  return { kty: 'OKP', crv: 'Ed25519', x, ...(typeof kid === 'string' && { kid }) }
}

function readKeys(file: RootFile): readonly JWK[] {
  const value = readJson(file)
  // RFC 7517 §5: keys of other types in a set are passed over.
  const keys = (listKeys(value) ?? [value]).filter(isEd25519)
  if (keys.length === 0) throw wrongRoot(file, `holds no root key; it must be ${WANTED}`)
  return keys.map((key) => toRootKey(key, file))
}

/**
 * Reads public root keys: a JWK, a JWK Set (RFC 7517 §5) or an array. Of a private JWK only the
 * public part is taken.
 *
 * @param by - What names the files. Default is `--root`.
 * @throws {CliError} `ERR_CLI_USAGE` naming the file and what it must hold, never its content
 */
export function readRootKeys(files: readonly string[], by = '--root'): readonly JWK[] {
  return files.flatMap((path) => readKeys({ by, path }))
}
