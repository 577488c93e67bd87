import { type KeyObject, generateKeyPairSync } from 'node:crypto'
import {
  type Cosigner,
  type NoteSigner,
  createCosigner,
  createNoteSigner,
} from '@tokentrail/ledger'

/** The key of one log. It exists in memory only, and only while the log is open. */
export interface InstanceKey {
  readonly publicKey: KeyObject
  readonly signer: NoteSigner
  readonly cosigner: Cosigner
}

/**
 * Makes the key that signs a log's checkpoints: Ed25519, never written.
 *
 * BUG: erasing it is best effort; Node keeps no promise about freed memory.
 *
 * @param origin - Origin of the log, which is the key's name.
 */
export function createInstanceKey(origin: string): InstanceKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const seed = Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url')
  const key = {
    publicKey,
    signer: createNoteSigner(origin, seed),
    cosigner: createCosigner(origin, seed),
  }
  seed.fill(0)
  return key
}
