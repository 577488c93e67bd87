/**
 * `npm run pack:all [-- DIR]`: packs every package into tarballs (default `dist/packages`), so that
 * they can be installed into any application before anything is published.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'

const ROOT = join(import.meta.dirname, '..')
const target = resolve(process.argv[2] ?? join(ROOT, 'dist', 'packages'))

mkdirSync(target, { recursive: true })
for (const file of readdirSync(target)) if (file.endsWith('.tgz')) rmSync(join(target, file))

const packages = readdirSync(join(ROOT, 'packages')).map((name) => `./packages/${name}`)
const packed = spawnSync('npm', ['pack', '--silent', '--pack-destination', target, ...packages], {
  cwd: ROOT,
  stdio: ['ignore', 'ignore', 'inherit'],
})
if (packed.status !== 0) {
  console.error('pack:all: npm pack failed; build first with npm run build')
  process.exit(1)
}
for (const file of readdirSync(target)) console.log(join(target, file))
