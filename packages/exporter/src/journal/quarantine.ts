import { join } from 'node:path'
import type { Disk } from '../disk/disk.ts'
import { readBytes, writeDurably } from '../disk/files.ts'
import type { Damage } from './scan.ts'

/** A place of a journal that cannot be read. */
export interface JournalDamage extends Damage {
  /** File name of the segment. */
  readonly segment: string
}

/**
 * Copies damaged bytes to `<segment>.<offset>.damaged`, so that nothing is lost that a later eye
 * could read. The segment stays as it is; its readers pass over them. Of a file that is gone there
 * is nothing to copy.
 */
export function quarantine(disk: Disk, directory: string, damage: JournalDamage): void {
  const path = join(directory, damage.segment)
  if (!disk.stat(path)) return
  const descriptor = disk.open(path, 'read')
  try {
    const bytes = readBytes(disk, descriptor, damage.offset, damage.length)
    writeDurably(disk, `${path}.${damage.offset}.damaged`, bytes)
  } finally {
    disk.close(descriptor)
  }
}
