/** What `npm start` runs once the checkout is set up: see `--help`. */
import { join, resolve } from 'node:path'
import { openChildren, type Child } from './children.ts'
import { runLive } from './live.ts'
import { runOnce } from './once.ts'
import { HELP, parseOptions, UsageError, type QuickstartOptions } from './options.ts'
import { choosePorts } from './ports.ts'
import { Interrupted, onStopSignal } from './stop-signal.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..')
const say = (line: string) => console.log(line)

async function run(options: QuickstartOptions): Promise<number> {
  const stopped = onStopSignal()
  const ports = await choosePorts(options, say)
  const children = openChildren()
  process.on('exit', () => children.kill())
  const { embedded, out, dir } = options
  const onStart = (child: Child) => children.add(child)
  if (out === undefined) {
    const folder = dir === undefined ? join(ROOT, '.tokentrail') : resolve(dir)
    return runLive({ root: ROOT, dir: folder, embedded, ports, say, onStart, stopped })
  }
  return Promise.race([
    runOnce({ root: ROOT, out, embedded, ports, say, onStart }),
    stopped.then((): never => {
      throw new Interrupted()
    }),
  ])
}

function explain(error: unknown): number {
  if (error instanceof Interrupted) return 130
  console.error(`tokentrail: ${(error as Error).message}`)
  if (!(error instanceof UsageError)) return 1
  console.error('Try "npm start -- --help".')
  return 2
}

let exitCode = 0
try {
  const options = parseOptions(process.argv.slice(2))
  if (options === 'help') console.log(HELP)
  else exitCode = await run(options)
} catch (error) {
  exitCode = explain(error)
}
process.exit(exitCode)
