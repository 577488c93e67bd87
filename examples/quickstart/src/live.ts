import { join } from 'node:path'
import { startPlatform } from './platform.ts'
import type { Ports } from './ports.ts'
import { startRun } from './run.ts'
import type { Kill } from './service.ts'
import { createServiceStarter } from './services.ts'

/** Short, so that the live view shows sessions that end; 30 minutes is the product's default. */
const SESSION_IDLE_MILLIS = 20_000

/** What the live quick start needs. */
export interface LiveOptions {
  readonly root: string
  readonly ports: Ports
  readonly say: (line: string) => void
  /** Resolves when it is time to stop. */
  readonly stopped: Promise<void>
  /** Is given what ends each part at once, for an exit that cannot wait. */
  readonly onStart: (kill: Kill) => void
}

/** Runs until it is told to stop, then ends traffic, API, collector and viewer in this order. */
export async function runLive(options: LiveOptions): Promise<number> {
  const dir = join(options.root, '.tokentrail')
  const platform = await startPlatform({
    ...options,
    dir,
    exportDir: join(dir, 'export'),
    sessionIdleMillis: SESSION_IDLE_MILLIS,
  })
  options.onStart(() => platform.killCollector())
  const starter = createServiceStarter(options.ports, options.say, options.onStart)
  const run = await startRun(starter, platform, dir, false)
  options.say(`viewer: ${platform.viewer.url}`)
  options.say('Ctrl-C ends it and seals the logs.')
  await options.stopped
  options.say('stopping: traffic, API, collector, viewer')
  await run.stop()
  await platform.viewer.seal()
  await platform.stopCollector()
  await platform.viewer.close()
  options.say('sealed and stopped')
  return 0
}
