import { fileURLToPath } from 'node:url'
import { Hook } from 'import-in-the-middle'

/**
 * Finds out whether a loader hook of import-in-the-middle is at work, by importing a file of our
 * own and looking whether it was intercepted. Without one, hooks on ES modules install and never
 * fire, and neither Node nor OpenTelemetry says so.
 */
export async function probeLoaderHook(): Promise<boolean> {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const url = new URL(`./loader-probe-target.${extension}`, import.meta.url)
  // A module is loaded once per URL, and only loading tells.
  const fresh = `${url.href}?${process.hrtime.bigint()}`
  let intercepted = false
  const hook = new Hook([fileURLToPath(url)], () => {
    intercepted = true
  })
  try {
    await import(fresh)
  } finally {
    hook.unhook()
  }
  return intercepted
}
