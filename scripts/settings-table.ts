/**
 * `node scripts/settings-table.ts [--check]`: writes the table of settings into the READMEs that
 * have a place for it, between `<!-- settings: … -->` and `<!-- /settings -->`; with `--check` it
 * only says which of them differ.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { formatSettingsTable } from '../packages/node/src/format-settings.ts'

const ROOT = join(import.meta.dirname, '..')
const READMES = ['README.md', 'packages/node/README.md']
const PLACE = /(?<=<!-- settings:[^>]*-->\n).*(?=<!-- \/settings -->)/s

/** A README with the table as it is in code; it throws where there is no place for it. */
async function withTable(name: string, text: string): Promise<string> {
  if (!PLACE.test(text)) throw new Error(`${name} has no place for the table of settings`)
  const options = await resolveConfig(join(ROOT, name))
  const table = await format(formatSettingsTable(), { ...options, parser: 'markdown' })
  return text.replace(PLACE, () => `\n${table}\n`)
}

async function main(args: readonly string[]): Promise<number> {
  const unknown = args.find((arg) => arg !== '--check')
  if (unknown !== undefined) {
    console.error(`settings-table: unknown argument ${unknown}; the only one is --check`)
    return 2
  }
  let differing = 0
  for (const name of READMES) {
    const text = readFileSync(join(ROOT, name), 'utf8')
    const wanted = await withTable(name, text)
    if (text === wanted) continue
    differing += 1
    if (args.includes('--check')) {
      console.error(`settings-table: ${name} differs from the settings; run npm run generate`)
    } else writeFileSync(join(ROOT, name), wanted)
  }
  if (args.includes('--check')) return differing === 0 ? 0 : 1
  console.log(`settings-table: ${READMES.length} files, ${differing} changed`)
  return 0
}

process.exitCode = await main(process.argv.slice(2))
