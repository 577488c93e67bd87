import { dirname, join } from 'node:path'
import type { Disk } from '../disk/disk.ts'
import { closeQuietly, readFully, writeDurably, writeFully } from '../disk/files.ts'

const SUFFIX = '.erasing'

/** Bytes that take the place of others, at the same offset. They hold no identity. */
interface Overwrite {
  readonly start: number
  /** Base64. */
  readonly bytes: string
}

/** Ranges of a buffer. */
type Ranges = readonly { readonly start: number; readonly end: number }[]

/**
 * Writes over a file in which somebody may be appending, so that a crash at any point leaves
 * nothing half erased: what is to be written is noted first, and whoever finds the note does it
 * again. Sequence: note `<file>.erasing` as `writeDurably` does it → `pwrite` of each range →
 * `fdatasync` → `unlink` note → `fsync(directory)`.
 *
 * @param buffer - The file as it is to be.
 * @param ranges - Where it differs.
 */
export function overwriteNoted(disk: Disk, file: string, buffer: Buffer, ranges: Ranges): void {
  const overwrites = ranges.map(({ start, end }) => ({
    start,
    bytes: buffer.toString('base64', start, end),
  }))
  writeDurably(disk, `${file}${SUFFIX}`, JSON.stringify(overwrites))
  finish(disk, file, overwrites)
}

/** Does again what erasures were interrupted at in the folder of a log. */
export function finishErasures(disk: Disk, directory: string): void {
  for (const note of disk.list(directory)) {
    if (!isErasureNote(note)) continue
    const text = readFully(disk, join(directory, note)).toString('utf8')
    const overwrites = JSON.parse(text) as readonly Overwrite[]
    finish(disk, join(directory, note.slice(0, -SUFFIX.length)), overwrites)
  }
}

/** Tells whether a file of a log's folder is a note of an erasure. */
export function isErasureNote(name: string): boolean {
  return name.endsWith(SUFFIX)
}

function finish(disk: Disk, file: string, overwrites: readonly Overwrite[]): void {
  if (disk.stat(file)) apply(disk, file, overwrites)
  // Two may end the same erasure at once.
  const note = `${file}${SUFFIX}`
  if (disk.stat(note)) disk.remove(note)
  disk.syncDirectory(dirname(file))
}

function apply(disk: Disk, file: string, overwrites: readonly Overwrite[]): void {
  const descriptor = disk.open(file, 'update')
  try {
    const { size } = disk.fileStat(descriptor)
    for (const { start, bytes } of overwrites) {
      // A torn end may have been cut off since.
      const left = Buffer.from(bytes, 'base64').subarray(0, Math.max(0, size - start))
      writeFully(disk, descriptor, left, start)
    }
    disk.syncData(descriptor)
  } finally {
    closeQuietly(disk, descriptor)
  }
}
