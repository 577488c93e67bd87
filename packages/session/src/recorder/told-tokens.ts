import type { RequestToken } from '../token/token-reader.ts'

/**
 * Whether the log was told of a token, its session and who is behind it, for these frameworks, so
 * that nothing need be looked up. "No" says nothing.
 *
 * @param generation - Of the log's memory.
 */
export function isTold(
  token: RequestToken | undefined,
  frameworks: readonly string[],
  generation: number,
): boolean {
  const told = token?.told
  return (
    token?.verified === true && told?.generation === generation && told.frameworks === frameworks
  )
}

/** Notes that it was. */
export function noteTold(
  token: RequestToken | undefined,
  frameworks: readonly string[],
  generation: number,
): void {
  if (token?.told === undefined || token.verified !== true) return
  const { told } = token
  if (told.frameworks !== frameworks) told.alike.length = 0
  told.generation = generation
  told.frameworks = frameworks
}
