import { isObject } from './claims.ts'

/** What is safe to read of another library's error. */
export interface ForeignError {
  readonly code: string | undefined
  /** Name of the claim that failed, from the error or its cause. Never its value. */
  readonly claim: string | undefined
  /** How it failed, e.g. `check_failed`, where the library says so by a word of its own. */
  readonly reason: string | undefined
}

/** Reads code, claim name and reason. Message, cause and stack of such errors may hold the token. */
export function readForeignError(error: unknown): ForeignError {
  if (!isObject(error)) return { code: undefined, claim: undefined, reason: undefined }
  const cause = isObject(error['cause']) ? error['cause'] : {}
  return {
    code: textOf(error['code']),
    claim: textOf(error['claim']) ?? textOf(cause['claim']),
    reason: textOf(error['reason']),
  }
}

/**
 * Whether an error's message matches, for libraries that tell causes apart by nothing else. The
 * message itself goes nowhere.
 */
export function messageMatches(error: unknown, pattern: RegExp): boolean {
  const message = isObject(error) ? error['message'] : undefined
  return typeof message === 'string' && pattern.test(message)
}

/** Name of an error's class: what it calls itself, or what its constructor is called. */
export function classNameOf(error: unknown): string {
  if (!isObject(error)) return ''
  const name = textOf(error['name'])
  if (name !== undefined && name !== 'Error') return name
  const { constructor } = error
  return typeof constructor === 'function' ? constructor.name : ''
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
