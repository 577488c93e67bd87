import { readFileSync } from 'node:fs'
import type { JWK } from 'jose'
import { CliError } from './errors.ts'

const WANTED = 'a public Ed25519 JWK (members kty "OKP", crv "Ed25519", x), or a set of them'

function readJson(file: string): unknown {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new CliError(
      'ERR_CLI_INPUT',
      `--root ${file} cannot be read (${code ?? 'unknown error'})`,
    )
  }
  try {
    return JSON.parse(text)
  } catch {
    throw new CliError('ERR_CLI_INPUT', `--root ${file} is not JSON; it must be ${WANTED}`)
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function toRootKey(value: unknown, file: string): JWK {
  if (!isObject(value) || value['kty'] !== 'OKP' || value['crv'] !== 'Ed25519') {
    throw new CliError('ERR_CLI_INPUT', `--root ${file} must be ${WANTED}`)
  }
  const { x, kid } = value
  if (typeof x !== 'string' || !/^[A-Za-z0-9_-]{43}$/.test(x)) {
    throw new CliError(
      'ERR_CLI_INPUT',
      `--root ${file}: member "x" must be 43 characters of base64url`,
    )
  }
  return { kty: 'OKP', crv: 'Ed25519', x, ...(typeof kid === 'string' && { kid }) }
}

/**
 * Reads public root keys: a JWK, a JWK Set (RFC 7517 §5) or an array. Of a private JWK only the
 * public part is taken.
 *
 * @throws {CliError} `ERR_CLI_INPUT` naming the file and what it must hold
 */
export function readRootKeys(files: readonly string[]): readonly JWK[] {
  return files.flatMap((file) => {
    const value = readJson(file)
    const listed = isObject(value) && Array.isArray(value['keys']) ? value['keys'] : value
    const keys: unknown[] = Array.isArray(listed) ? listed : [listed]
    if (keys.length === 0) throw new CliError('ERR_CLI_INPUT', `--root ${file} holds no key`)
    return keys.map((key) => toRootKey(key, file))
  })
}
