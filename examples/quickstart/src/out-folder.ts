import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { UsageError } from './options.ts'
import type { Summary } from './summary.ts'

/** Where a round leaves its results. */
export interface OutFolder {
  readonly path: string
  readonly exportDir: string
  readonly rootFile: string
  writeSummary(summary: Summary): void
  /** Takes away what a round that did not come to its end has left. */
  clear(): void
}

function isSummary(file: string): boolean {
  try {
    const { collector, verdict } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Summary>
    return typeof collector === 'string' && typeof verdict === 'string'
  } catch {
    return false
  }
}

function readNames(path: string): string[] {
  try {
    mkdirSync(path, { recursive: true })
    return readdirSync(path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new UsageError(`--out ${path} cannot be used as a folder (${code ?? 'unknown error'})`)
  }
}

/**
 * Opens the folder and clears what an earlier round left in it.
 *
 * @throws {UsageError} When it holds anything that is not an earlier round's
 */
export function openOutFolder(out: string): OutFolder {
  const path = resolve(out)
  const summary = join(path, 'summary.json')
  const exportDir = join(path, 'export')
  const rootFile = join(path, 'root.jwk.json')
  const clear = () => {
    for (const file of [summary, exportDir, rootFile])
      rmSync(file, { recursive: true, force: true })
  }
  const own = isSummary(summary) ? ['summary.json', 'export', 'root.jwk.json'] : []
  const foreign = readNames(path).find((name) => !own.includes(name))
  if (foreign !== undefined) {
    throw new UsageError(
      `--out ${path} holds "${foreign}", which no earlier round left; choose an empty folder`,
    )
  }
  if (existsSync(summary)) clear()
  return {
    path,
    exportDir,
    rootFile,
    writeSummary: (value) => writeFileSync(summary, `${JSON.stringify(value, null, 2)}\n`),
    clear,
  }
}
