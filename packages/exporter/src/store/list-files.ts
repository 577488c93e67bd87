import type { Dirent, Stats } from 'node:fs'
import { open, readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'

const EXPORT_NAME = /\.(?:json|jsonl|ndjson|ldjson|csv|tsv)(?:\.gz)?$|\.gz$/i

/** The S3 exporter's marshaler `body` writes `*.txt`; so do many others who write no records. */
const TEXT_NAME = /\.(?:txt|log|raw)$/i
const TEXT_BEGINNING = /^\uFEFF?\s*[{["]/
const BEGINNING_BYTES = 256

/**
 * Lists the files of an export: a file itself, or what lies in a folder and those below under the
 * names that exports have; of text files those that begin like JSON. Links are followed, each
 * folder once. Sorted by path.
 *
 * @param onUnreadable - Told of what has such a name and is no file, as a pipe or a link to
 *   nothing.
 * @throws Error of the system for the path itself and for a folder that cannot be read.
 */
export async function listFiles(
  path: string,
  onUnreadable: (file: string, reason: string) => void,
): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path]
  const files: string[] = []
  await collect(path, { files, seen: new Set(), onUnreadable })
  return files.sort()
}

interface Walk {
  readonly files: string[]
  /** Real paths of the folders that were entered: links may lead in circles. */
  readonly seen: Set<string>
  readonly onUnreadable: (file: string, reason: string) => void
}

async function collect(folder: string, walk: Walk): Promise<void> {
  const real = await realpath(folder)
  if (walk.seen.has(real)) return
  walk.seen.add(real)
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    const found = entry.isSymbolicLink() ? await tryStat(path) : entry
    if (found?.isDirectory() === true) await collect(path, walk)
    else if (EXPORT_NAME.test(entry.name) || (await isTextExport(path, entry.name, found))) {
      take(path, found, walk)
    }
  }
}

function take(path: string, found: Dirent | Stats | undefined, walk: Walk): void {
  if (found?.isFile() === true) walk.files.push(path)
  else walk.onUnreadable(path, found === undefined ? 'a link to nothing' : 'not a file')
}

async function isTextExport(
  path: string,
  name: string,
  found: Dirent | Stats | undefined,
): Promise<boolean> {
  if (found?.isFile() !== true || !TEXT_NAME.test(name)) return false
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(BEGINNING_BYTES), 0, BEGINNING_BYTES)
    return TEXT_BEGINNING.test(buffer.toString('utf8', 0, bytesRead))
  } finally {
    await file.close()
  }
}

async function tryStat(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path)
  } catch {
    return undefined
  }
}
