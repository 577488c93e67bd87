import { SessionError } from '../src/index.ts'

/** Gives the code of the SessionError that a call throws; anything else thrown goes on. */
export function codeOf(run: () => unknown): string | undefined {
  try {
    run()
  } catch (error) {
    if (error instanceof SessionError) return error.code
    throw error
  }
  return undefined
}
