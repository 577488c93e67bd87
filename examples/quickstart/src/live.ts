import { join } from 'node:path'
import type { Child } from './children.ts'
import { startPlatform } from './platform.ts'
import type { Ports } from './ports.ts'
import { startRun } from './run.ts'
import { createServiceStarter } from './services.ts'
import { Interrupted } from './stop-signal.ts'

/** Short, so that the live view shows sessions that end; 30 minutes is the product's default. */
const SESSION_IDLE_MILLIS = 20_000

/** What the live quick start needs. */
export interface LiveOptions {
  readonly root: string
  /** Folder of journal, keys, store and export. */
  readonly dir: string
  readonly embedded: boolean
  readonly ports: Ports
  readonly say: (line: string) => void
  /** Resolves when it is time to stop. */
  readonly stopped: Promise<void>
  /** Is told of each process that runs from now on. */
  readonly onStart: (child: Child) => void
}

/** Runs until it is told to stop, then ends traffic, API, collector and viewer in this order. */
export async function runLive(options: LiveOptions): Promise<number> {
  const exportDir = join(options.dir, 'export')
  const platform = await Promise.race([
    startPlatform({ ...options, exportDir, sessionIdleMillis: SESSION_IDLE_MILLIS }),
    // Building a collector may take minutes; nothing is recorded yet.
    options.stopped.then((): never => {
      throw new Interrupted()
    }),
  ])
  const starter = createServiceStarter(options.ports, options.say, options.onStart)
  const run = await startRun(starter, platform, options.dir, false)
  options.say(`viewer: ${platform.viewer.url}`)
  options.say(`records: ${exportDir}; root key: ${join(options.dir, 'keys', 'root.jwk.json')}`)
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
