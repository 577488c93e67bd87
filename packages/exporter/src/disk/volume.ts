import { statfsSync } from 'node:fs'

/** Magic numbers of Linux file systems (`linux/magic.h`, statfs(2)). */
const KINDS: ReadonlyMap<number, string> = new Map([
  [0xef53, 'ext4'],
  [0x58465342, 'xfs'],
  [0x9123683e, 'btrfs'],
  [0x2fc12fc1, 'zfs'],
  [0xf2f52010, 'f2fs'],
  [0x01021994, 'tmpfs'],
  [0x858458f6, 'ramfs'],
  [0x794c7630, 'overlay'],
  [0x6969, 'nfs'],
  [0xff534d42, 'cifs'],
  [0xfe534d42, 'smb2'],
  [0x01021997, '9p'],
  [0x65735546, 'fuse'],
])

/**
 * Names the kind of volume that a folder lies on, as far as it can be known: `ext4`, `tmpfs`,
 * `overlay` … Else `unknown`: off Linux the numbers mean other things.
 */
export function volumeKind(path: string): string {
  if (process.platform !== 'linux') return 'unknown'
  try {
    return KINDS.get(statfsSync(path).type) ?? 'unknown'
  } catch {
    return 'unknown'
  }
}
