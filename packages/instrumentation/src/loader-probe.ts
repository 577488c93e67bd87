import { fileURLToPath } from 'node:url'
import { Hook } from 'import-in-the-middle'

/**
 * Who asks; each has a file of its own, because a module is loaded once, only loading tells, and a
 * URL made different by a query is never intercepted.
 */
export type LoaderProbe = 'registration' | 'self-test'

/**
 * Finds out whether a loader hook of import-in-the-middle is at work, by importing a file of our
 * own and looking whether it was intercepted. Without one, hooks on ES modules install and never
 * fire, and neither Node nor OpenTelemetry says so.
 *
 * @returns What held when this probe was asked for the first time.
 */
export async function probeLoaderHook(probe: LoaderProbe): Promise<boolean> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const url = new URL(`./loader-probe-${probe}.${extension}`, import.meta.url)
  let intercepted = false
  const hook = new Hook([fileURLToPath(url)], () => {
    intercepted = true
  })
  try {
    await import(url.href)
  } finally {
    hook.unhook()
  }
  return intercepted
}
