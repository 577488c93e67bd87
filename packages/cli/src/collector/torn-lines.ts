import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Ends the last line of every `.jsonl` file in `folder` that does not end in a newline. A collector
 * that was killed, or whose disk was full, can leave such a line; what is appended next would
 * continue it, and both would be unreadable. Call it while no collector writes there.
 *
 * @returns Names of the files that were mended. A folder that does not exist has none.
 */
export async function endTornLines(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch((): string[] => [])
  const mended: string[] = []
  for (const name of names.filter((each) => each.endsWith('.jsonl')).sort()) {
    if (await endTornLine(join(folder, name))) mended.push(name)
  }
  return mended
}

async function endTornLine(path: string): Promise<boolean> {
  const file = await open(path, 'r+')
  try {
    const { size } = await file.stat()
    if (size === 0) return false
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
    if (buffer[0] === NEWLINE) return false
    await file.write('\n', size)
    return true
  } finally {
    await file.close()
  }
}

const NEWLINE = 0x0a
