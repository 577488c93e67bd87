import type { Challenge } from '@tokentrail/session'

/** Bounds: the application writes this header, but often out of a client's input. */
const MAX_HEADER_LENGTH = 8_192
const MAX_CHALLENGES = 8
const MAX_PARAMETERS = 32
const MAX_SCOPES = 64
const MAX_CODE_LENGTH = 128

/** RFC 9110 §5.6.2. */
const TOKEN = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y
/** RFC 9110 §11.2; a padded value, or one that no `=` follows. */
const TOKEN68 = /[A-Za-z0-9\-._~+/]+=*(?=[ \t]*(?:,|$))/y
/** RFC 9110 §5.6.4. */
const QUOTED = /"((?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t \x21-\x7e\x80-\xff])*)"/y
const SPACES = /[ \t]*/y
const EQUALS = /[ \t]*=[ \t]*/y
/** An empty list element is allowed, RFC 9110 §5.6.1.2. */
const COMMAS = /[ \t]*(?:,[ \t]*)+/y

/** RFC 6750 §3: the characters of `error`; `scope` is split at spaces first. */
const ERROR_CODE = /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/

/**
 * Parses the challenges of `WWW-Authenticate` (RFC 9110 §11.6.1), keeping of each the scheme and
 * the `error` and `scope` parameters of RFC 6750 §3.
 *
 *     Bearer realm="api", error="invalid_token", DPoP algs="ES256", error="use_dpop_nonce"
 *
 * What comes before a syntax error counts, what follows it does not: a challenge cut short says
 * less but nothing wrong.
 *
 * @param header - The field's values; a number or anything else is no challenge.
 */
export function parseChallenges(header: unknown): readonly Challenge[] {
  const fields = Array.isArray(header) ? header : [header]
  const challenges: Challenge[] = []
  for (const field of fields) {
    if (typeof field !== 'string' || field.length > MAX_HEADER_LENGTH) continue
    readChallenges(new Scanner(field), challenges)
  }
  return challenges
}

function readChallenges(scanner: Scanner, challenges: Challenge[]): void {
  scanner.skip(COMMAS)
  while (challenges.length < MAX_CHALLENGES) {
    const scheme = scanner.take(TOKEN)
    if (scheme === undefined) return
    const parameters = new Map<string, string>()
    const whole = readCredentials(scanner, parameters)
    challenges.push(toChallenge(scheme, parameters))
    if (!whole) return
  }
}

/** Reads what follows a scheme; false when the rest of the field cannot be trusted. */
function readCredentials(scanner: Scanner, parameters: Map<string, string>): boolean {
  scanner.skip(SPACES)
  if (scanner.take(TOKEN68) !== undefined) return scanner.take(COMMAS) !== undefined
  for (let count = 0; count < MAX_PARAMETERS; count += 1) {
    const start = scanner.position
    const name = scanner.take(TOKEN)
    if (name === undefined) return scanner.take(COMMAS) !== undefined
    if (scanner.take(EQUALS) === undefined) {
      // A name without a value is the scheme of the next challenge, but only after a comma.
      scanner.position = start
      return count > 0
    }
    const value = scanner.takeValue()
    if (value === undefined) return false
    const key = name.toLowerCase()
    if (!parameters.has(key)) parameters.set(key, value)
    if (scanner.take(COMMAS) === undefined) return false
  }
  return false
}

function toChallenge(scheme: string, parameters: ReadonlyMap<string, string>): Challenge {
  const error = parameters.get('error')
  const scopes = parameters
    .get('scope')
    ?.split(' ')
    .filter((scope) => scope.length <= MAX_CODE_LENGTH && SCOPE.test(scope))
    .slice(0, MAX_SCOPES)
  return {
    scheme: scheme.slice(0, MAX_CODE_LENGTH).toLowerCase(),
    ...(error !== undefined && error.length <= MAX_CODE_LENGTH && ERROR_CODE.test(error)
      ? { error }
      : {}),
    ...(scopes !== undefined && scopes.length > 0 ? { scopes } : {}),
  }
}

class Scanner {
  position = 0
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position
    const match = pattern.exec(this.#text)
    if (match === null) return undefined
    this.position = pattern.lastIndex
    return match[1] ?? match[0]
  }

  skip(pattern: RegExp): void {
    this.take(pattern)
  }

  takeValue(): string | undefined {
    const quoted = this.take(QUOTED)
    return quoted === undefined ? this.take(TOKEN) : quoted.replaceAll(/\\(.)/g, '$1')
  }
}
