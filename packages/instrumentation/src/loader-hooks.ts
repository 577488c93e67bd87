import { register as registerAsync } from 'node:module'
import {
  register as registerSync,
  supportsSyncHooks,
} from 'import-in-the-middle/register-hooks.mjs'
import { probeLoaderHook } from './loader-probe.ts'

/** How `import` is seen in this process. */
export type LoaderHooks = 'already registered' | 'synchronous' | 'asynchronous'

/**
 * Makes `import` visible to every OpenTelemetry instrumentation of this process, once; belongs into
 * a preload, because modules that were imported before stay as they are.
 *
 * Hooks are registered without a list of modules: there is one registration per copy of
 * import-in-the-middle, and a list of ours would switch off everybody else's. Node before 22.22.3
 * and 24.11.1 cannot run them in the application's thread, so a thread of their own does it there.
 */
export async function registerLoaderHooks(): Promise<LoaderHooks> {
  if (await probeLoaderHook('registration')) return 'already registered'
  if (supportsSyncHooks()) {
    registerSync()
    return 'synchronous'
  }
  registerAsync('@opentelemetry/instrumentation/hook.mjs', import.meta.url)
  return 'asynchronous'
}
