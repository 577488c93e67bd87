/** What `npm start` runs once the checkout is set up: see `--help`. */
import { join } from 'node:path'
import { runLive } from './live.ts'
import { runOnce } from './once.ts'
import { HELP, parseOptions, UsageError, type QuickstartOptions } from './options.ts'
import { choosePorts } from './ports.ts'
import type { Kill } from './service.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..')
const say = (line: string) => console.log(line)

/** Resolves at the first Ctrl-C or SIGTERM; a second one ends everything at once. */
function onStopSignal(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let asked = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (asked) process.exit(130)
      asked = true
      resolve()
    })
  }
  return promise
}

async function run(options: QuickstartOptions): Promise<number> {
  const running: Kill[] = []
  process.on('exit', () => {
    for (const kill of running) kill()
  })
  const onStart = (kill: Kill) => void running.push(kill)
  const stopped = onStopSignal()
  const ports = await choosePorts(options, say)
  if (options.out === undefined) {
    return runLive({ root: ROOT, ports, say, onStart, stopped })
  }
  void stopped.then(() => process.exit(130))
  return runOnce({ root: ROOT, out: options.out, ports, say, onStart })
}

try {
  const options = parseOptions(process.argv.slice(2))
  if (options === 'help') console.log(HELP)
  else process.exitCode = await run(options)
} catch (error) {
  console.error(`tokentrail: ${(error as Error).message}`)
  if (error instanceof UsageError) console.error('Try "npm start -- --help".')
  process.exitCode = error instanceof UsageError ? 2 : 1
}
process.exit()
