import { join } from 'node:path'
import { findCollector } from '../../../packages/cli/src/collector/find-collector.ts'
import { run, ROOT, type RunResult } from './run.ts'

/** What `npm start` runs once the checkout is set up. */
export const QUICKSTART: string = join(ROOT, 'examples', 'quickstart', 'src', 'main.ts')

/** Runs the quick start to its end. */
export function runQuickstart(...args: string[]): Promise<RunResult> {
  return run(process.execPath, [QUICKSTART, ...args])
}

/** Says whether a collector can be had, and prints the one line that explains why not. */
export async function hasCollector(suite: string): Promise<boolean> {
  const found = await findCollector({ root: ROOT, report: (line) => console.log(line) })
  if (found.status === 'missing') console.log(`skipped: ${suite}: ${found.reason}`)
  return found.status === 'found'
}
