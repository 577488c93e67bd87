import type { Pseudonymizer } from '@tokentrail/session'
import { CliError } from './errors.ts'
import type { Io } from './io.ts'
import { openPseudonymizer, pseudonymKeyFile } from './pseudonyms.ts'

/** JWTs are longer, opaque tokens may be shorter; only a fingerprint has exactly this form. */
const FINGERPRINT = /^[A-Za-z0-9_-]{22}$/

function requirePseudonymizer(flag: string, io: Io): Pseudonymizer {
  const pseudonyms = openPseudonymizer(io)
  if (pseudonyms !== undefined) return pseudonyms
  throw new CliError(
    'ERR_CLI_INPUT',
    `--${flag} - needs the pseudonym key, and there is none at ${pseudonymKeyFile(io)}; ` +
      'set TOKENTRAIL_PSEUDONYM_KEY_FILE',
  )
}

async function readToken(flag: string, io: Io): Promise<string> {
  const pseudonyms = requirePseudonymizer(flag, io)
  const token = (await io.readInput()).trim()
  if (token === '') throw new CliError('ERR_CLI_INPUT', `--${flag} -: standard input is empty`)
  return pseudonyms.pseudonymOf('token', '', token)
}

/**
 * Turns the values of `--token` and its `--exclude-` twin into fingerprints; `-` stands for the
 * token on standard input, which only one of them can read. No message quotes a value.
 *
 * @throws {CliError} `ERR_CLI_USAGE` for anything else than a fingerprint or `-`, `ERR_CLI_INPUT`
 *   without key or token
 */
export function createTokenReader(io: Io): (flag: string, value: string) => Promise<string> {
  let reader: string | undefined
  return async (flag, value) => {
    if (FINGERPRINT.test(value)) return value
    if (value !== '-') {
      throw new CliError(
        'ERR_CLI_USAGE',
        `--${flag} takes a fingerprint (22 characters), or - to read the token from standard ` +
          'input; a token on the command line would stay in the shell history',
      )
    }
    if (reader !== undefined) {
      throw new CliError(
        'ERR_CLI_USAGE',
        `--${flag} -: standard input was already read for --${reader}`,
      )
    }
    reader = flag
    return readToken(flag, io)
  }
}
