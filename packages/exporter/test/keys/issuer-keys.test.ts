import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  createKeyFile,
  generateSigningJwk,
  issueCertificate,
  issueIssuerCertificate,
  issueRegistryCertificate,
  loadOrCreateKeys,
  loadSigningKey,
  replaceKeyFile,
  resolveExporterOptions,
} from '@tokentrail/exporter'
import { verifyCertificate, type IssuerUse } from '@tokentrail/ledger'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../support/folder.ts'

const issuedAt = 1_795_470_000
const LOG = 'orders/0/uuid'

/** A folder with a root and a key that it has certified. */
function makeSet(use: IssuerUse) {
  const folder = temporaryFolder()
  const rootFile = join(folder, 'root-private.jwk.json')
  createKeyFile(rootFile, JSON.stringify(generateSigningJwk()))
  const root = loadSigningKey(rootFile)
  const jwk = generateSigningJwk()
  const publicKey = createPublicKey(createPrivateKey({ key: { ...jwk }, format: 'jwk' }))
  const claims = { issuer: 'example.com', publicKey, issuedAt, expires: issuedAt + 86_400_000 }
  const certificate = issueIssuerCertificate({ ...claims, use }, root)
  const file = join(folder, 'signing.jwk.json')
  createKeyFile(file, JSON.stringify({ ...jwk, certificate }))
  return { folder, root, file, claims, issuer: loadSigningKey(file) }
}

const { publicKey } = generateKeyPairSync('ed25519')

describe('a key that a root has certified', () => {
  it('signs certificates that verify under the root alone', async () => {
    const { root, issuer } = makeSet('endpoint')
    const jws = issueCertificate({ log: LOG, publicKey, issuedAt, issuer: 'registry' }, issuer)
    const certificate = await verifyCertificate(jws, [root.publicJwk], LOG)
    expect(certificate).toMatchObject({ kind: 'log', issuer: 'registry', selfIssued: false })
  })

  it('signs certificates of another type where it is for that', async () => {
    const { root, issuer } = makeSet('erasure')
    const eraser = { ...issuer, certificateType: 'erasure-cert+jwt' }
    const jws = issueCertificate({ log: LOG, publicKey, issuedAt }, eraser)
    expect(await verifyCertificate(jws, [root.publicJwk], LOG)).toMatchObject({ kind: 'erasure' })
    const other = issueCertificate({ log: LOG, publicKey, issuedAt }, issuer)
    await expect(verifyCertificate(other, [root.publicJwk], LOG)).rejects.toThrow(/may not sign/)
  })

  it('is not published as a root beside the one that it came with', () => {
    const { folder, file } = makeSet('mounted')
    const settings = resolveExporterOptions(
      { directory: folder, signingKeyFile: file, slot: 's' },
      {},
    )
    const { warnings } = loadOrCreateKeys(settings)
    expect(warnings).toEqual([])
    expect(existsSync(settings.rootKeyFile)).toBe(false)
  })

  it('keeps the root of a deployment that lies beside it, whatever else is made there', () => {
    const { folder, root } = makeSet('endpoint')
    const settings = resolveExporterOptions({ directory: folder, slot: 's' }, {})
    const rootFile = settings.rootKeyFile
    createKeyFile(rootFile, JSON.stringify(root.publicJwk))
    createKeyFile(join(folder, 'keys', 'registry.jwk.json'), '{}')
    const { warnings } = loadOrCreateKeys(settings)
    expect(warnings.join()).toContain('root of a deployment')
    expect(JSON.parse(readFileSync(rootFile, 'utf8'))).toEqual(root.publicJwk)
  })

  it('must have a certificate that is a text', () => {
    const { folder } = makeSet('mounted')
    const file = join(folder, 'wrong.jwk.json')
    writeFileSync(file, JSON.stringify({ ...generateSigningJwk(), certificate: 1 }))
    expect(() => loadSigningKey(file)).toThrow(
      expect.objectContaining({ code: 'ERR_EXPORTER_KEY_MALFORMED' }) as Error,
    )
  })
})

it('a registry is certified by the root for years', async () => {
  const { root, claims } = makeSet('endpoint')
  const jws = issueRegistryCertificate({ ...claims, log: 'registry/example.com' }, root)
  expect(await verifyCertificate(jws, [root.publicJwk], 'registry/example.com')).toMatchObject({
    kind: 'registry',
    expires: claims.expires - 300,
  })
})

it('a missing signing key is not made by who only signs with it', () => {
  expect(() => loadSigningKey(join(temporaryFolder(), 'none.jwk.json'))).toThrow(/ENOENT/)
})

describe('writing a key file', () => {
  it('makes it once, for its owner alone', () => {
    const file = join(temporaryFolder(), 'keys', 'a.jwk.json')
    expect(createKeyFile(file, 'one')).toBe(true)
    expect(createKeyFile(file, 'two')).toBe(false)
    expect(readFileSync(file, 'utf8')).toBe('one')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    replaceKeyFile(file, 'three')
    expect(readFileSync(file, 'utf8')).toBe('three')
    expect(statSync(file).mode & 0o777).toBe(0o600)
  })

  it('names the file and the remedy where it cannot', () => {
    const blocked = join(temporaryFolder(), 'file')
    writeFileSync(blocked, '')
    expect(() => createKeyFile(join(blocked, 'a.jwk.json'), '')).toThrow(/cannot be written/)
  })
})
