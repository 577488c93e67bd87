import type { Disk } from '../disk/disk.ts'
import { readBytes } from '../disk/files.ts'
import type { SegmentFile } from './segment-file.ts'

/**
 * What is compared: part of a frame's text and its checksum, so that zeros and others' bytes
 * differ.
 */
const WATCHED_BYTES = 64

/**
 * Notices that somebody cut the file that is being written, as log rotation by copying does, or
 * wrote over its end: its size tells nothing once the next frame stands behind the hole. Owner: the
 * journal.
 */
export class TailWatch {
  #file: SegmentFile | undefined
  #end = 0
  #bytes: Buffer = Buffer.alloc(0)

  /**
   * Looks whether what stood at the end of the file when it was last looked at still stands there;
   * of a file that is new, whether it has its head.
   *
   * @returns `false` when it does not; once for each time that it was changed.
   */
  look(disk: Disk, file: SegmentFile, head: Buffer): boolean {
    const { descriptor, path, end } = file
    const isKnown = this.#file?.descriptor === descriptor && this.#file.path === path
    const isSame = isKnown
      ? readEnd(disk, file, this.#end).equals(this.#bytes)
      : readBytes(disk, descriptor, 0, head.length).equals(head)
    this.#file = file
    this.#end = end
    this.#bytes = readEnd(disk, file, end)
    return isSame
  }
}

function readEnd(disk: Disk, { descriptor }: SegmentFile, end: number): Buffer {
  const length = Math.min(WATCHED_BYTES, end)
  return readBytes(disk, descriptor, end - length, length)
}
