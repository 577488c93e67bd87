import { generateKeyPairSync } from 'node:crypto'
import { importJWK, jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import { loadOrCreateKeys, resolveExporterOptions } from '@tokentrail/exporter'
import { issueCertificate } from '../../src/keys/certificate.ts'
import { temporaryFolder } from '../support/folder.ts'

describe('a certificate', () => {
  it('is verified by jose, for one log, one key and one day', async () => {
    const settings = resolveExporterOptions({ directory: temporaryFolder(), slot: 's' }, {})
    const { signing } = loadOrCreateKeys(settings)
    const { publicKey } = generateKeyPairSync('ed25519')
    const claims = { log: 'orders/0/uuid', publicKey, issuedAt: 1_795_470_000 }
    const jws = issueCertificate(claims, signing)
    const root = await importJWK({ ...signing.publicJwk }, 'Ed25519')
    const currentDate = new Date(1_795_470_100_000)
    const { payload, protectedHeader } = await jwtVerify(jws, root, {
      typ: 'log-cert+jwt',
      issuer: 'self-issued',
      currentDate,
    })
    expect(protectedHeader).toMatchObject({ alg: 'Ed25519', kid: signing.id })
    expect(payload).toMatchObject({ log: 'orders/0/uuid', iat: 1_795_470_000 })
    expect((payload.exp ?? 0) - (payload.nbf ?? 0)).toBe(86_400)
    const { kty, crv, x } = publicKey.export({ format: 'jwk' })
    expect(payload['cnf']).toEqual({ jwk: { kty, crv, x } })
  })
})
