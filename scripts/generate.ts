/** `npm run generate [-- --check]`: makes every generated file, or says which of them differ. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')
const GENERATORS = [
  'packages/semantic-conventions/scripts/generate.ts',
  'scripts/settings-table.ts',
]

const codes = GENERATORS.map((file) => {
  const args = [join(ROOT, file), ...process.argv.slice(2)]
  return spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' }).status ?? 1
})
process.exitCode = Math.max(...codes)
