import type { LibraryDefinition, ObservedCall, ObservedFact } from '../../src/hooks/library.ts'

/** Calls a real function of a library and lets its hook look at how that ended. */
export async function observeCall(
  library: LibraryDefinition,
  exportName: string,
  target: (...args: never[]) => Promise<unknown>,
  args: readonly unknown[],
  requestToken: string | undefined,
  notes: WeakMap<object, string> = new WeakMap(),
): Promise<{ readonly fact: ObservedFact; readonly outcome: ObservedCall['outcome'] }> {
  const hook = library.hooks.find((candidate) => candidate.exportName === exportName)
  if (hook === undefined || !('observe' in hook)) throw new Error(`no hook on ${exportName}`)
  const outcome = await target(...(args as never[])).then(
    (value): ObservedCall['outcome'] => ({ kind: 'returned', value }),
    (error: unknown): ObservedCall['outcome'] => ({ kind: 'threw', error }),
  )
  const name = `${library.name}.${exportName}`
  return {
    fact: hook.observe({ self: undefined, args, outcome }, { token: requestToken, notes }, name),
    outcome,
  }
}
