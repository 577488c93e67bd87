import type { Disk } from '../disk/disk.ts'
import { readFully } from '../disk/files.ts'
import { logPaths } from './layout.ts'

/**
 * What is known of a log's end: the file `end.json` in its directory. While it is missing, the log
 * is open, or its process died and no successor has spoken for it yet.
 */
export interface LogEnd {
  /** `sealed` by its own closing checkpoint, or `recovered`: a successor's record names its end. */
  readonly kind: 'sealed' | 'recovered'
  /** Number of records. */
  readonly size: number
  /** Root of the tree over them, base64. */
  readonly root: string
  /** Size that its last checkpoint signed, 0 without one. */
  readonly lastSignedSize: number
}

export function formatLogEnd(end: LogEnd): string {
  return `${JSON.stringify(end)}\n`
}

/** Reads `end.json` of a log, if it is there and whole. */
export function readEnd(disk: Disk, directory: string): LogEnd | undefined {
  const { end } = logPaths(directory)
  return disk.stat(end) ? parseLogEnd(readFully(disk, end).toString('utf8')) : undefined
}

/** Returns `undefined` for anything that {@link formatLogEnd} did not write. */
function parseLogEnd(text: string): LogEnd | undefined {
  try {
    const parsed: unknown = JSON.parse(text)
    return isLogEnd(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

function isLogEnd(value: unknown): value is LogEnd {
  if (typeof value !== 'object' || value === null) return false
  const { kind, size, root, lastSignedSize } = value as Record<string, unknown>
  return (
    (kind === 'sealed' || kind === 'recovered') &&
    Number.isSafeInteger(size) &&
    typeof root === 'string' &&
    Number.isSafeInteger(lastSignedSize)
  )
}
