/** The quick start was told to stop before there was anything to stop in order. */
export class Interrupted extends Error {}

/**
 * Resolves when it is time to stop: at Ctrl-C, SIGTERM, a closed terminal, or when nobody reads the
 * output any more. A second Ctrl-C or SIGTERM ends the process at once.
 */
export function onStopSignal(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let asked = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (asked) process.exit(130)
      asked = true
      resolve()
    })
  }
  process.on('SIGHUP', () => resolve())
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => resolve())
  return promise
}
