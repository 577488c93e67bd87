import { execFileSync } from 'node:child_process'
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { unmount } from './unmount.ts'

/** An ext4 file system in a file, whose power can be cut. Needs root, loop devices and python3. */
export interface LoopDisk {
  /** Where it is mounted. */
  readonly path: string
  /** What no flush has brought to the disk is gone, from this moment on; nothing works any more. */
  cutPower(): void
  /** Takes it off and puts it on again, as a machine that starts does. */
  restart(): Promise<void>
  remove(): Promise<void>
}

/** `FS_IOC_SHUTDOWN` with `NOLOGFLUSH`: the file system stops as it does when the power goes. */
const SHUTDOWN = [
  'import fcntl, os, struct, sys',
  'fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587d, struct.pack("I", 2))',
].join('\n')

const run = (file: string, ...parameters: string[]): void => {
  execFileSync(file, parameters, { stdio: 'ignore' })
}

/** Makes and mounts one, or gives `undefined` where that is not allowed. */
export function mountLoopDisk(folder: string): LoopDisk | undefined {
  const image = join(folder, 'image')
  const path = join(folder, 'disk')
  const mount = (): void => run('mount', '-o', 'loop', image, path)
  try {
    writeFileSync(image, '')
    truncateSync(image, 256 * 1024 * 1024)
    run('mkfs.ext4', '-q', image)
    mkdirSync(path)
    run('python3', '--version')
    mount()
  } catch {
    return undefined
  }
  return {
    path,
    cutPower: () => run('python3', '-c', SHUTDOWN, path),
    restart: async () => {
      await unmount(path)
      mount()
    },
    remove: () => unmount(path),
  }
}
