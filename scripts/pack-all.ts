/**
 * `npm run pack:all [-- DIR]`: packs every package into tarballs (default `dist/packages`), so that
 * they can be installed into any application before anything is published.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'

const ROOT = join(import.meta.dirname, '..')
const PACKAGES = join(ROOT, 'packages')
const target = resolve(process.argv[2] ?? join(ROOT, 'dist', 'packages'))

/** Removes what was built of a source that is gone: the compiler leaves it, and npm would pack it. */
function removeStaleOutput(folder: string): void {
  const dist = join(folder, 'dist')
  for (const file of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    const source = file.replace(/(?:\.d\.ts|\.js)(?:\.map)?$/, '.ts')
    if (source !== file && !existsSync(join(folder, 'src', source))) rmSync(join(dist, file))
  }
}

const names = readdirSync(PACKAGES)
for (const name of names) {
  if (existsSync(join(PACKAGES, name, 'dist'))) removeStaleOutput(join(PACKAGES, name))
  else {
    console.error(`pack:all: packages/${name} is not built; run npm run build first`)
    process.exit(1)
  }
}
mkdirSync(target, { recursive: true })
for (const file of readdirSync(target)) if (file.endsWith('.tgz')) rmSync(join(target, file))

const packages = names.map((name) => `./packages/${name}`)
const packed = spawnSync('npm', ['pack', '--silent', '--pack-destination', target, ...packages], {
  cwd: ROOT,
  stdio: ['ignore', 'ignore', 'inherit'],
})
if (packed.status !== 0) {
  console.error('pack:all: npm pack failed; its reason is above')
  process.exit(1)
}
for (const file of readdirSync(target)) console.log(join(target, file))
