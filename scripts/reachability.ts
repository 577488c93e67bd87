/**
 * Walks the imports of the built pure packages and names what must not be reachable from them:
 * Node's own modules, apart from the one file behind `#crypto` that a browser build would replace.
 */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

const ROOT = join(import.meta.dirname, '..')
const IMPORT =
  /(?:^|\s)(?:import|export)\s[^'"]*?from\s*['"]([^'"]+)['"]|import\s*['"]([^'"]+)['"]/g

/** Files that may import what the rest may not. */
const EXEMPT = new Set(['packages/ledger/dist/crypto-node.js'])
const PURE = [
  'semantic-conventions/dist/index',
  'ledger/dist/index',
  'ledger/dist/shard',
  'session/dist/index',
]
const ALLOWED_PACKAGES = /^(jose|@tokentrail\/(semantic-conventions|ledger))$/

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8')
  return [...text.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? '')
}

function walk(file: string, seen: Set<string>, leaks: string[]): void {
  if (seen.has(file)) return
  seen.add(file)
  const name = relative(ROOT, file)
  if (EXEMPT.has(name)) return
  for (const specifier of importsOf(file)) {
    if (specifier.startsWith('.')) walk(resolve(dirname(file), specifier), seen, leaks)
    else if (specifier.startsWith('#')) continue
    else if (!ALLOWED_PACKAGES.test(specifier)) leaks.push(`${name} imports ${specifier}`)
  }
}

const leaks: string[] = []
for (const name of PURE) {
  const entry = join(ROOT, 'packages', `${name}.js`)
  if (!existsSync(entry)) leaks.push(`packages/${name}.js is not built; run npm run build`)
  else walk(entry, new Set(), leaks)
}
for (const leak of leaks) console.error(`reachability: ${leak}`)
process.exitCode = leaks.length === 0 ? 0 : 1
