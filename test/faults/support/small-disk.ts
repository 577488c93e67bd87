import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { basename, join } from 'node:path'
import { unmount } from './unmount.ts'

/** A disk of a few MiB that can be filled, and made to fail. Needs root; one of ext4 loop devices. */
export interface SmallDisk {
  /** Where it is mounted. */
  readonly path: string
  /** Takes all room that is left, until {@link SmallDisk.free}. */
  fill(): void
  free(): void
  /** Takes it off and puts it on again, as a machine that starts does. */
  restart(): Promise<void>
  remove(): Promise<void>
}

const MIB = 1024 * 1024

const run = (file: string, ...parameters: string[]): string =>
  execFileSync(file, parameters, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })

/** A disk in memory. */
export function mountTmpfs(folder: string, bytes: number): SmallDisk {
  const path = join(folder, `tmpfs-${bytes}`)
  mkdirSync(path)
  const mount = (): void => void run('mount', '-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', path)
  mount()
  return { ...fillable(path), path, restart: () => Promise.resolve(), remove: () => unmount(path) }
}

/** An ext4 file system in a file, that goes read-only when it meets an error, as most do. */
export function mountExt4(folder: string): SmallDisk {
  const path = join(folder, 'ext4')
  const image = join(folder, 'image')
  mountImage(image, path, 24 * MIB, 'remount-ro')
  return {
    ...fillable(path),
    path,
    restart: async () => {
      await unmount(path)
      run('mount', '-o', 'loop,errors=remount-ro', image, path)
    },
    remove: () => unmount(path),
  }
}

/**
 * An ext4 file system in a file on a disk in memory, in which its free blocks are holes (`fstrim`):
 * once that disk is filled, new blocks of files cannot be written (EIO), while what the file system
 * needs for itself can.
 */
export async function mountStarvedExt4(folder: string): Promise<SmallDisk> {
  const below = mountTmpfs(folder, 24 * MIB)
  const path = join(folder, 'ext4')
  try {
    // With a journal of its own it would go read-only.
    mountImage(join(below.path, 'image'), path, 16 * MIB, 'continue', '-O', '^has_journal')
    run('fstrim', path)
  } catch (error) {
    await below.remove()
    throw error
  }
  return {
    path,
    fill: () => below.fill(),
    free: () => below.free(),
    restart: () => Promise.resolve(),
    remove: async () => {
      await unmount(path)
      await below.remove()
    },
  }
}

/** Has nobody write to a file, not even who has it open already, until it is allowed again. */
export function setImmutable(path: string, isImmutable: boolean): void {
  run('chattr', isImmutable ? '+i' : '-i', path)
}

/** Has the kernel find an error in an ext4 file system. */
export function triggerError(path: string): void {
  const device = run('findmnt', '-no', 'SOURCE', path).trim()
  writeFileSync(`/sys/fs/ext4/${basename(device)}/trigger_fs_error`, '1')
}

function mountImage(
  image: string,
  path: string,
  bytes: number,
  errors: 'continue' | 'remount-ro',
  ...options: readonly string[]
): void {
  mkdirSync(path)
  writeFileSync(image, Buffer.alloc(bytes))
  run(
    'mkfs.ext4',
    '-q',
    '-E',
    'nodiscard,lazy_itable_init=0,lazy_journal_init=0',
    ...options,
    image,
  )
  run('mount', '-o', `loop,errors=${errors}`, image, path)
}

function fillable(path: string): Pick<SmallDisk, 'fill' | 'free'> {
  const ballast = join(path, 'ballast')
  return {
    fill: () => {
      const descriptor = openSync(ballast, 'w')
      try {
        for (let size = MIB; size >= 512; size /= 2) fillBy(descriptor, Buffer.alloc(size, 1))
      } finally {
        closeSync(descriptor)
      }
    },
    free: () => rmSync(ballast, { force: true }),
  }
}

function fillBy(descriptor: number, block: Buffer): void {
  try {
    for (;;) writeSync(descriptor, block)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  }
}
