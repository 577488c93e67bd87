import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

/** Says whether `path` is a file that this process may execute. */
export async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}

/**
 * Finds the first executable called `name` on `PATH`. Relative entries of `PATH` are skipped: which
 * program they mean depends on the folder that a command happens to start in.
 */
export async function findExecutable(
  name: string,
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
): Promise<string | undefined> {
  const file = platform === 'win32' ? `${name}.exe` : name
  for (const folder of (env['PATH'] ?? env['Path'] ?? '').split(delimiter)) {
    const path = join(folder, file)
    if (isAbsoluteFolder(folder) && (await isExecutable(path))) return path
  }
  return undefined
}

const isAbsoluteFolder = (folder: string): boolean => /^(?:[/\\]|[A-Za-z]:[/\\])/.test(folder)
