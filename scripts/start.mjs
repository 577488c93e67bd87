/** `npm start`: sets the checkout up, then runs the quick start on the pinned Node. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { main, pinnedEnv, ROOT, setUp } from './setup.mjs'

await main(async () => {
  await setUp()
  const args = [
    '--disable-warning=ExperimentalWarning',
    join(ROOT, 'examples/quickstart/src/main.ts'),
  ]
  const child = spawn(join(ROOT, 'node_modules/.bin/node'), [...args, ...process.argv.slice(2)], {
    cwd: process.env.INIT_CWD ?? ROOT,
    env: pinnedEnv(),
    stdio: 'inherit',
  })
  // Ctrl-C reaches the quick start by itself; this process only has to outlive it.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  return new Promise((resolve) => {
    child.on('close', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 143)))
  })
})
