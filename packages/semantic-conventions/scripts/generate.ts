import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { ModelError } from './model-error.ts'
import type { Model } from './model.ts'
import { readModel, readModelFiles } from './read-model.ts'
import {
  renderAttributes,
  renderEnums,
  renderEvents,
  renderIndex,
  renderSchemaUrl,
  renderSeverities,
} from './render-code.ts'
import { renderAttributeReference, renderEventReference } from './render-reference.ts'

const PACKAGE = join(import.meta.dirname, '..')
const ROOT = join(PACKAGE, '../..')

const OUTPUTS: Readonly<Record<string, (model: Model) => string>> = {
  'packages/semantic-conventions/src/index.ts': renderIndex,
  'packages/semantic-conventions/src/generated/schema-url.ts': renderSchemaUrl,
  'packages/semantic-conventions/src/generated/enums.ts': renderEnums,
  'packages/semantic-conventions/src/generated/attributes.ts': renderAttributes,
  'packages/semantic-conventions/src/generated/events.ts': renderEvents,
  'packages/ledger/src/generated/severities.ts': renderSeverities,
  'docs/reference/attributes.md': renderAttributeReference,
  'docs/reference/events.md': renderEventReference,
}

/** A file as the registry wants it, formatted. */
export interface GeneratedFile {
  readonly path: string
  readonly text: string
}

/** Makes every generated file from the registry, without writing any. */
export async function generate(model: Model): Promise<GeneratedFile[]> {
  return Promise.all(
    Object.entries(OUTPUTS).map(async ([name, render]) => {
      const path = join(ROOT, name)
      const options = await resolveConfig(path)
      return { path, text: await format(render(model), { ...options, filepath: path }) }
    }),
  )
}

/** Names of the files whose content on disk is not what the registry wants. */
export async function findDifferences(files: readonly GeneratedFile[]): Promise<string[]> {
  const differs = await Promise.all(
    files.map(async ({ path, text }) => (await readFile(path, 'utf8').catch(() => '')) !== text),
  )
  return files.filter((_, index) => differs[index]).map(({ path }) => relative(ROOT, path))
}

async function writeFiles(files: readonly GeneratedFile[]): Promise<void> {
  for (const { path, text } of files) {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
  }
}

async function main(args: readonly string[]): Promise<number> {
  const unknown = args.find((arg) => arg !== '--check')
  if (unknown !== undefined) {
    console.error(`generate: unknown argument ${unknown}; the only one is --check`)
    return 2
  }
  const files = await generate(readModel(readModelFiles(join(PACKAGE, 'model'))))
  const differing = await findDifferences(files)
  if (!args.includes('--check')) {
    await writeFiles(files)
    console.log(`generate: ${files.length} files, ${differing.length} changed`)
    return 0
  }
  for (const name of differing) {
    console.error(`generate: ${name} differs from the registry; run npm run generate`)
  }
  return differing.length === 0 ? 0 : 1
}

if (import.meta.main) {
  try {
    process.exitCode = await main(process.argv.slice(2))
  } catch (error) {
    if (!(error instanceof ModelError)) throw error
    console.error(`generate: ${error.message}`)
    process.exitCode = 1
  }
}
