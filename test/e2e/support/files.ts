import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Every file below a folder. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}

/** Names of the files, of all below a folder, in whose bytes a text occurs. */
export function filesHolding(folder: string, text: string): string[] {
  const bytes = Buffer.from(text)
  return filesBelow(folder).filter((file) => readFileSync(file).includes(bytes))
}
