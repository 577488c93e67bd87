import type { FaultHandler } from './types.ts'

/**
 * Runs a handler of ours so that no fault of it reaches the application: what it throws goes to
 * `onFault`, and what that throws goes nowhere.
 */
export function runSafely<Value>(
  onFault: FaultHandler,
  where: string,
  handler: () => Value,
): Value | undefined {
  try {
    return handler()
  } catch (error) {
    reportFault(onFault, where, error)
    return undefined
  }
}

/** Reports a fault that was caught; never throws. */
export function reportFault(onFault: FaultHandler, where: string, error: unknown): void {
  try {
    onFault(where, error)
  } catch {
    // The last line of defence: there is nobody left to tell.
  }
}
