import type { Disk } from '../disk/disk.ts'
import { closeQuietly, readBytes, writeFully } from '../disk/files.ts'
import { segmentPath } from './layout.ts'
import { scanFrames } from './scan.ts'
import type { SegmentFile } from './segment-file.ts'
import { SEGMENT_HEADER_BYTES, encodeSegmentHeader } from './segment.ts'

/**
 * Writes what was never flushed of a poisoned segment to a new file, which is named by its first
 * index as every segment is: `open(O_EXCL) temporary → write → rename`, and `fdatasync →
 * fsync(directory)` by the next group. The same frames may then stand in two files, byte by byte;
 * readers take the first.
 *
 * Where nothing of the poisoned file was flushed the new one takes its name as well as its content,
 * in one step, so that places in it stay what they are.
 *
 * BUG: in `process` mode no copy is at hand, and what the kernel has dropped meanwhile is gone; its
 * checksum tells.
 *
 * @returns `undefined` when there is nothing that can be read.
 */
export function rescueSegment(
  disk: Disk,
  directory: string,
  log: string,
  file: SegmentFile,
): SegmentFile | undefined {
  const { flushed, end } = file
  const bytes = file.copies?.bytes ?? readBytes(disk, file.descriptor, flushed, end - flushed)
  const found = wholeFrames(bytes)
  if (!found) return undefined
  const { firstIndex, frames } = found
  const path = segmentPath(directory, firstIndex)
  const temporary = `${path}.rescue`
  if (disk.stat(temporary)) disk.remove(temporary)
  const content = Buffer.concat([encodeSegmentHeader({ log, firstIndex }), ...frames])
  const descriptor = disk.open(temporary, 'create')
  try {
    writeFully(disk, descriptor, content, 0)
    disk.rename(temporary, path)
  } catch (error) {
    closeQuietly(disk, descriptor)
    throw error
  }
  return {
    path,
    firstIndex,
    descriptor,
    inode: disk.fileStat(descriptor).inode,
    end: content.length,
    flushed: SEGMENT_HEADER_BYTES,
    isLeft: true,
    isPoisoned: false,
    copies: file.copies,
  }
}

function wholeFrames(bytes: Buffer): { firstIndex: number; frames: Buffer[] } | undefined {
  let firstIndex: number | undefined
  const frames: Buffer[] = []
  let start = 0
  for (const found of scanFrames(bytes, 0, 0)) {
    if (found.type !== 'frame') {
      start = found.damage.offset + found.damage.length
      continue
    }
    firstIndex ??= found.frame.index
    frames.push(bytes.subarray(start, found.frame.end))
    start = found.frame.end
  }
  return firstIndex === undefined ? undefined : { firstIndex, frames }
}
