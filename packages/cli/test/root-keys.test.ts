import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CliError } from '../src/errors.ts'
import { readRootKeys } from '../src/root-keys.ts'
import { temporaryFolder } from './support/folder.ts'

const pair = generateKeyPairSync('ed25519')
const publicJwk = pair.publicKey.export({ format: 'jwk' })
const privateJwk = pair.privateKey.export({ format: 'jwk' })
const rsaJwk = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({
  format: 'jwk',
})

function write(content: unknown): string {
  const file = join(temporaryFolder(), 'root.json')
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

/**
 * The usage error of a root file, without the file's name. It has no cause that could quote the
 * file.
 */
function refusal(file: string): string {
  try {
    readRootKeys([file])
  } catch (error) {
    const isUsage = error instanceof CliError && error.code === 'ERR_CLI_USAGE'
    if (isUsage && error.cause === undefined) return error.message.replace(file, 'FILE')
    throw error
  }
  throw new Error('nothing was refused')
}

describe('root keys', () => {
  it('are read from a JWK, a JWK Set, an array, and several files', () => {
    const wanted = { kty: 'OKP', crv: 'Ed25519', x: publicJwk.x }
    expect(readRootKeys([write(publicJwk)])).toEqual([wanted])
    expect(readRootKeys([write({ keys: [publicJwk] })])).toEqual([wanted])
    expect(
      readRootKeys([write([publicJwk, { ...publicJwk, kid: 'k' }]), write(publicJwk)]),
    ).toEqual([wanted, { ...wanted, kid: 'k' }, wanted])
  })

  it('are the public part alone of a private key', () => {
    expect(readRootKeys([write(privateJwk)])).toEqual([
      { kty: 'OKP', crv: 'Ed25519', x: publicJwk.x },
    ])
  })

  it('are picked from a set that holds keys of other types', () => {
    expect(readRootKeys([write({ keys: [rsaJwk, publicJwk] })])).toHaveLength(1)
  })

  it.each([
    ['nothing', '', 'is not JSON'],
    ['a PEM file', '-----BEGIN PRIVATE KEY-----\ncanary\n', 'is not JSON'],
    ['another type of key', rsaJwk, 'holds no root key'],
    ['a set without a root key', { keys: [rsaJwk] }, 'holds no root key'],
    ['an empty set', { keys: [] }, 'holds no root key'],
    ['an empty array', [], 'holds no root key'],
    ['null', 'null', 'holds no root key'],
    ['a text', '"canary"', 'holds no root key'],
    ['a nested set', { keys: [{ keys: [publicJwk] }] }, 'holds no root key'],
  ])('are refused from %s, saying what is wanted', (_, content, problem) => {
    const message = refusal(write(content))
    expect(message).toMatch(`--root FILE ${problem}; it must be a public Ed25519 JWK`)
    expect(message).not.toContain('canary')
  })

  it.each([undefined, 7, '', 'AAAA', `${'A'.repeat(42)}=`, 'A'.repeat(44)])(
    'are refused when the key is %j',
    (x) => {
      expect(refusal(write({ ...privateJwk, x }))).toBe(
        '--root FILE has a key whose member "x" is not 43 characters of base64url',
      )
    },
  )

  it('are refused without quoting a private key that is not whole JSON', () => {
    const text = JSON.stringify(privateJwk).slice(0, -1)
    expect(refusal(write(text))).not.toContain(privateJwk.d)
  })

  it('are refused where nothing can be read', () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'sub'))
    expect(refusal(join(folder, 'none.json'))).toBe(
      '--root FILE cannot be read (ENOENT). Name one that exists.',
    )
    expect(refusal(join(folder, 'sub'))).toBe(
      '--root FILE cannot be read (EISDIR). Name a file, not a folder.',
    )
    expect(refusal('')).toContain('--root is empty; name a file or folder')
  })
})
