import { join } from 'node:path'
import type { Disk } from '../disk/disk.ts'
import { closeQuietly, readBytes, writeDurably } from '../disk/files.ts'
import type { Damage } from './scan.ts'

/** A place of a journal that cannot be read. */
export interface JournalDamage extends Damage {
  /** File name of the segment. */
  readonly segment: string
}

const COPY = /^([0-9a-f]{16}\.seg)\.([0-9]{1,15})\.damaged$/
const STATED = '.stated'

/**
 * Copies damaged bytes to `<segment>.<offset>.damaged`, so that nothing is lost that a later eye
 * could read. The segment stays as it is; its readers pass over them. Of a file that is gone the
 * copy is empty, and so it is where there is no room for more: that there is damage is not
 * forgotten.
 */
export function quarantine(disk: Disk, directory: string, damage: JournalDamage): void {
  const copy = copyPath(directory, damage)
  try {
    writeDurably(disk, copy, readDamaged(disk, directory, damage))
  } catch (error) {
    if (!disk.stat(copy)) closeQuietly(disk, disk.open(copy, 'create'))
    disk.syncDirectory(directory)
    throw error
  }
}

function readDamaged(
  disk: Disk,
  directory: string,
  { segment, offset, length }: JournalDamage,
): Uint8Array {
  const path = join(directory, segment)
  if (!disk.stat(path)) return new Uint8Array()
  const descriptor = disk.open(path, 'read')
  try {
    return readBytes(disk, descriptor, offset, length)
  } finally {
    closeQuietly(disk, descriptor)
  }
}

/**
 * Notes that a signed record says of this damage, so that it is said once: the copy goes on as
 * `<segment>.<offset>.damaged.stated`. The record must be on disk before: `rename →
 * fsync(directory)`.
 */
export function markStated(disk: Disk, directory: string, damage: JournalDamage): void {
  const copy = copyPath(directory, damage)
  if (!disk.stat(copy)) return
  disk.rename(copy, `${copy}${STATED}`)
  disk.syncDirectory(directory)
}

/** Tells whether a signed record says of this damage already. */
export function isStated(disk: Disk, directory: string, damage: JournalDamage): boolean {
  const found = disk.stat(`${copyPath(directory, damage)}${STATED}`)
  // What has grown since is other damage; an empty copy tells nothing of that.
  return found !== undefined && (found.size >= damage.length || found.size === 0)
}

/** Lists what was set aside and not said yet: by whoever delivers a log after its own was closed. */
export function listUnstated(disk: Disk, directory: string): JournalDamage[] {
  return disk.list(directory).flatMap((name) => {
    const [, segment, offset] = COPY.exec(name) ?? []
    if (segment === undefined) return []
    const length = disk.stat(join(directory, name))?.size ?? 0
    const damage = { segment, offset: Number(offset), length }
    return isStated(disk, directory, damage) ? [] : [damage]
  })
}

/** Tells whether a file of a log's directory holds bytes that were set aside. */
export function isSetAside(name: string): boolean {
  return /\.seg\.(?:[0-9]+\.damaged(?:\.stated)?|torn|replaced)$/.test(name)
}

function copyPath(directory: string, { segment, offset }: JournalDamage): string {
  return join(directory, `${segment}.${offset}.damaged`)
}
