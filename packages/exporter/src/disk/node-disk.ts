import * as fs from 'node:fs'
import { dirname } from 'node:path'
import { systemErrorCode } from '../errors.ts'
import type { Disk, DiskStat, OpenMode } from './disk.ts'
import { closeQuietly } from './files.ts'

const FLAGS: Readonly<Record<OpenMode, string>> = { read: 'r', update: 'r+', create: 'wx+' }

/** The {@link Disk} of this machine, by `node:fs`. Files are made with mode 0600. */
export const nodeDisk: Disk = {
  open: (path, mode) => fs.openSync(path, FLAGS[mode], 0o600),
  close: (descriptor) => fs.closeSync(descriptor),
  read: (descriptor, target, offset, length, position) =>
    fs.readSync(descriptor, target, offset, length, position),
  write: (descriptor, source, offset, length, position) =>
    fs.writeSync(descriptor, source, offset, length, position),
  truncate: (descriptor, length) => fs.ftruncateSync(descriptor, length),
  syncDataLater: (descriptor, synced) => fs.fdatasync(descriptor, synced),
  syncData: (descriptor) => fs.fdatasyncSync(descriptor),
  syncDirectory,
  syncDirectoryLater,
  stat,
  fileStat: (descriptor) => toDiskStat(fs.fstatSync(descriptor, { bigint: true })),
  freeBytes,
  makeDirectory,
  list,
  rename: (from, to) => fs.renameSync(from, to),
  link: (from, to) => fs.linkSync(from, to),
  remove: (path) => fs.unlinkSync(path),
  removeDirectory: (path) => fs.rmdirSync(path),
}

/** Not `recursive`: under a folder that answers ENOENT (`/proc`) Node tries again for ever. */
function makeDirectory(path: string): void {
  const parent = dirname(path)
  if (parent !== path && stat(parent) === undefined) makeDirectory(parent)
  try {
    fs.mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    // Whatever stands there: if it is no folder, the next to use it is told so.
    if (systemErrorCode(error) !== 'EEXIST') throw error
  }
}

function syncDirectory(path: string): void {
  // Windows cannot open a directory; there the names are as durable as the file system makes them.
  if (process.platform === 'win32') return
  const descriptor = fs.openSync(path, 'r')
  try {
    fs.fsyncSync(descriptor)
  } finally {
    closeQuietly(nodeDisk, descriptor)
  }
}

function syncDirectoryLater(path: string, synced: (error: Error | null) => void): void {
  if (process.platform === 'win32') return
  fs.open(path, 'r', (error, descriptor) => {
    if (error) synced(error)
    else fs.fsync(descriptor, (error) => fs.close(descriptor, () => synced(error)))
  })
}

function stat(path: string): DiskStat | undefined {
  const found = fs.statSync(path, { bigint: true, throwIfNoEntry: false })
  return found && toDiskStat(found)
}

function freeBytes(path: string): number {
  const { bavail, bsize } = fs.statfsSync(path)
  return bavail * bsize
}

function list(path: string): string[] {
  try {
    return fs.readdirSync(path).sort()
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return []
    throw error
  }
}

function toDiskStat(found: fs.BigIntStats): DiskStat {
  return {
    size: Number(found.size),
    inode: found.ino,
    device: found.dev,
    links: Number(found.nlink),
    modifiedMillis: Number(found.mtimeMs),
    mode: Number(found.mode) & 0o777,
    isDirectory: found.isDirectory(),
  }
}
