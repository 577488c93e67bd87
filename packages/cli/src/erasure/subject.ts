import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { createHmac, loadPseudonymKey } from '@tokentrail/exporter'
import { createPseudonymizer, type Pseudonymizer } from '@tokentrail/session'
import { valueOf, valuesOf, type Flags } from '../args.ts'
import { CliError } from '../errors.ts'
import type { Io } from '../io.ts'
import { listPseudonymFiles } from '../keys/key-set.ts'
import { pseudonymKeyFile } from '../pseudonyms.ts'

/** Somebody whose records are looked for. */
export interface Subject {
  /** Pseudonyms as a subject, one for each epoch of the pseudonym key. */
  readonly pseudonyms: readonly string[]
  /** Clear value, where it was given. */
  readonly values: readonly string[]
}

const PSEUDONYM = /^[A-Za-z0-9_-]{22}$/

/**
 * Says who is meant: `--user` and `--issuer`, of which the pseudonyms are computed with every
 * pseudonym key at hand, or `--pseudonym`.
 *
 * @throws {CliError} `ERR_CLI_USAGE`; `ERR_CLI_INPUT` where there is no pseudonym key
 */
export async function readSubject(flags: Flags, io: Io): Promise<Subject> {
  const named = valuesOf(flags, 'pseudonym')
  const user = valueOf(flags, 'user')
  if ((user === undefined) === (named.length === 0)) {
    throw new CliError('ERR_CLI_USAGE', 'name the subject: --user with --issuer, or --pseudonym')
  }
  if (user === undefined) return { pseudonyms: named.map(checkPseudonym), values: [] }
  const issuer = valueOf(flags, 'issuer')
  if (issuer === undefined || issuer === '') {
    throw new CliError(
      'ERR_CLI_USAGE',
      '--user needs --issuer: the same name at another issuer is somebody else',
    )
  }
  const value = user === '-' ? (await io.readInput()).replace(/\r?\n$/, '') : user
  if (value === '') throw new CliError('ERR_CLI_USAGE', '--user is empty')
  const pseudonyms = openPseudonymizers(io).map((one) => one.pseudonymOf('sub', issuer, value))
  return { pseudonyms, values: [value] }
}

/**
 * Opens the pseudonym keys of every epoch: the one in use, and those that rotation has kept beside
 * it.
 *
 * @throws {CliError} `ERR_CLI_INPUT` where there is none
 */
function openPseudonymizers(io: Io): readonly Pseudonymizer[] {
  const current = pseudonymKeyFile(io)
  const files = new Set([current, ...listPseudonymFiles(dirname(current))])
  const keys = [...files].filter((file) => existsSync(file)).map((file) => loadPseudonymKey(file))
  if (keys.length > 0) {
    return keys.map(({ id, epoch, secret }) =>
      createPseudonymizer({ hmac: createHmac(secret), keyId: id, epoch }),
    )
  }
  throw new CliError(
    'ERR_CLI_INPUT',
    `there is no pseudonym key at ${current}, which recorded the user; set ` +
      'TOKENTRAIL_PSEUDONYM_KEY_FILE, or name the subject by --pseudonym',
  )
}

function checkPseudonym(pseudonym: string): string {
  if (PSEUDONYM.test(pseudonym)) return pseudonym
  throw new CliError('ERR_CLI_USAGE', '--pseudonym must be 22 characters of base64url')
}
