import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createHmac, loadPseudonymKey } from '@tokentrail/exporter'
import { createPseudonymizer, type Pseudonymizer } from '@tokentrail/session'
import type { Io } from './io.ts'

/** Folder of keys, journal and store: `TOKENTRAIL_DIR`, default `.tokentrail`. */
export function dataDirectory(io: Io): string {
  return io.env['TOKENTRAIL_DIR'] || '.tokentrail'
}

/** Where the pseudonym key is looked for. */
export function pseudonymKeyFile(io: Io): string {
  return (
    io.env['TOKENTRAIL_PSEUDONYM_KEY_FILE'] || join(dataDirectory(io), 'keys', 'pseudonym.jwk.json')
  )
}

/**
 * Opens the fleet's pseudonym key, so that users and tokens are found by their clear values;
 * `undefined` where there is none. It is never made here: a new key would match nothing.
 *
 * @throws ExporterError when the file is there but cannot be used
 */
export function openPseudonymizer(io: Io): Pseudonymizer | undefined {
  const file = pseudonymKeyFile(io)
  if (!existsSync(file)) return undefined
  const key = loadPseudonymKey(file)
  return createPseudonymizer({ hmac: createHmac(key.secret), keyId: key.id, epoch: key.epoch })
}
