import { AsyncLocalStorage } from 'node:async_hooks'
import { context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api'

/**
 * The key by which the OpenTelemetry SDK knows that nothing is to be traced: that of
 * `@opentelemetry/core` (`suppress-tracing.ts`); keys with equal descriptions are equal.
 */
const SUPPRESS_TRACING = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING')

const ownWork = new AsyncLocalStorage<true>()

/** Whether what runs now is the recorder's own: hooks leave it alone. */
export function isOwnWork(): boolean {
  return ownWork.getStore() === true
}

/** Runs a function, and all that it starts, as the recorder's own work. */
export interface OwnWork {
  <Result>(run: () => Result): Result
}

/**
 * Creates the place of the recorder's own work: the context in which this is called, so never that
 * of a request, without tracing.
 */
export function createOwnWork(): OwnWork {
  const outside = AsyncLocalStorage.snapshot()
  return (run) =>
    outside(() =>
      ownWork.run(true, () => context.with(ROOT_CONTEXT.setValue(SUPPRESS_TRACING, true), run)),
    )
}
