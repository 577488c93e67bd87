import { dirname } from 'node:path'
import { systemErrorCode } from '../errors.ts'
import type { Disk } from './disk.ts'

/** Writes every byte at `position`; a short count is no error in Node, so it goes on from there. */
export function writeFully(
  disk: Disk,
  descriptor: number,
  bytes: Uint8Array,
  position: number,
): void {
  let done = 0
  while (done < bytes.length) {
    done += disk.write(descriptor, bytes, done, bytes.length - done, position + done)
  }
}

/** Reads `length` bytes at `position`; fewer where the file ends before. */
export function readBytes(
  disk: Disk,
  descriptor: number,
  position: number,
  length: number,
): Buffer<ArrayBuffer> {
  const bytes = Buffer.alloc(length)
  let done = 0
  while (done < length) {
    const count = disk.read(descriptor, bytes, done, length - done, position + done)
    if (count === 0) break
    done += count
  }
  return bytes.subarray(0, done)
}

/**
 * Closes a file of which everything that counts was flushed, or that was only read. Whatever it
 * answers the descriptor is gone (close(2)): another file may have its number by now, so it is
 * never closed again.
 */
export function closeQuietly(disk: Disk, descriptor: number): void {
  try {
    disk.close(descriptor)
  } catch {
    // It says nothing about bytes that were read or flushed.
  }
}

/** Reads a whole file. */
export function readFully(disk: Disk, path: string): Buffer<ArrayBuffer> {
  const descriptor = disk.open(path, 'read')
  try {
    return readBytes(disk, descriptor, 0, disk.fileStat(descriptor).size)
  } finally {
    closeQuietly(disk, descriptor)
  }
}

/**
 * Puts a whole file in place, or leaves what stood there: after a crash the name has the old
 * content or the new, never a part. Sequence: `open(O_EXCL) temporary → write → fdatasync → rename
 * → fsync(directory)`.
 */
export function writeDurably(disk: Disk, path: string, content: string | Uint8Array): void {
  const temporary = `${path}.${process.pid}.tmp`
  if (disk.stat(temporary)) disk.remove(temporary)
  createSynced(disk, temporary, content)
  disk.rename(temporary, path)
  disk.syncDirectory(dirname(path))
}

/**
 * Makes a file that must not exist yet. Whoever sees the name sees the whole content, because the
 * name is given by `link` once the bytes are on disk; where a file system knows no second names
 * (FAT), by `rename`, before which it looks. Sequence: `open(O_EXCL) temporary → write → fdatasync
 * → link → unlink temporary → fsync(directory)`.
 *
 * @returns `false` when somebody else was first; their file is untouched.
 */
export function createOnce(disk: Disk, path: string, content: string): boolean {
  const temporary = `${path}.${process.pid}.tmp`
  if (disk.stat(temporary)) disk.remove(temporary)
  createSynced(disk, temporary, content)
  if (!giveName(disk, temporary, path)) return false
  disk.syncDirectory(dirname(path))
  return true
}

/** What `link` says where it is not to be had: FAT, and some file systems of networks. */
const NO_LINKS: ReadonlySet<string | undefined> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP'])

function giveName(disk: Disk, temporary: string, path: string): boolean {
  let isMoved = false
  try {
    disk.link(temporary, path)
  } catch (error) {
    if (disk.stat(path)) return false
    if (!NO_LINKS.has(systemErrorCode(error))) throw error
    disk.rename(temporary, path)
    isMoved = true
  } finally {
    if (!isMoved) disk.remove(temporary)
  }
  return true
}

/**
 * Makes a directory and its missing parents, so that a power cut takes none of the names. Sequence,
 * from the top: `mkdir → fsync(parent)`.
 */
export function makeDirectoryDurably(disk: Disk, path: string): void {
  if (disk.stat(path)) return
  const parent = dirname(path)
  if (parent !== path) makeDirectoryDurably(disk, parent)
  disk.makeDirectory(path)
  try {
    disk.syncDirectory(parent)
  } catch (error) {
    // A folder that may be written and not be read cannot be flushed; its owner has to.
    if (systemErrorCode(error) !== 'EACCES') throw error
  }
}

function createSynced(disk: Disk, path: string, content: string | Uint8Array): void {
  const descriptor = disk.open(path, 'create')
  let isSynced = false
  try {
    writeFully(disk, descriptor, Buffer.from(content), 0)
    disk.syncData(descriptor)
    isSynced = true
  } finally {
    closeQuietly(disk, descriptor)
    if (!isSynced) disk.remove(path)
  }
}
