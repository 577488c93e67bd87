import type { Outcome } from '../outcome.ts'

/** Any function of a library. */
export type AnyFunction = (this: unknown, ...args: unknown[]) => unknown

/** One call that is being watched. */
export interface Visit {
  /** Runs the original: what it calls inside says nothing new. Notes what it throws. */
  run(original: AnyFunction, args: readonly unknown[]): unknown
  /** Runs the original, in which other hooks speak for themselves. Notes what it throws. */
  runOpen(original: AnyFunction, args: readonly unknown[]): unknown
  /** Tells how the call ended; only the first time counts. Never throws. */
  note(outcome: Outcome): void
}

/** Knows the hook whose function is wrapped. */
export interface Probe {
  /**
   * Begins a call.
   *
   * @returns Undefined when nobody wants to know: no request is being served, or the call comes
   *   from inside another hooked function.
   */
  visit(self: unknown, args: readonly unknown[]): Visit | undefined
  /** Makes a function look like the one that it stands for: `name`, `length`, own properties. */
  disguise(wrapper: AnyFunction, original: AnyFunction): AnyFunction
}

/**
 * Makes the function that stands for an original and tells a probe how its calls end. Arguments,
 * `this`, results, exceptions and their order stay those of the original.
 */
export type Watch = (original: AnyFunction, probe: Probe) => AnyFunction
