/** What {@link Disk.stat} tells of a file. */
export interface DiskStat {
  readonly size: number
  readonly inode: bigint
  readonly device: bigint
  /** Number of names the file has; 0 once it was unlinked. */
  readonly links: number
  readonly modifiedMillis: number
  /** Permission bits. */
  readonly mode: number
  readonly isDirectory: boolean
}

/** How a file is opened: `read`; `update` reads and writes; `create` fails when it exists. */
export type OpenMode = 'read' | 'update' | 'create'

/**
 * The file operations of the journal, all synchronous. Failures are thrown as Node's system errors.
 * One port, so that a test decides what the disk does: short counts, full, gone, corrupt.
 */
export interface Disk {
  open(path: string, mode: OpenMode): number
  close(descriptor: number): void
  /** Returns the number of bytes read: fewer than asked at the end of the file. */
  read(
    descriptor: number,
    target: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): number
  /** Returns the number of bytes written, which may be fewer than asked without any error. */
  write(
    descriptor: number,
    source: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): number
  truncate(descriptor: number, length: number): void
  /** Flushes the file's data; `synced` is called with the error, if any, off this stack. */
  syncDataLater(descriptor: number, synced: (error: Error | null) => void): void
  syncData(descriptor: number): void
  /** {@link syncDirectory}, off this stack. */
  syncDirectoryLater(path: string, synced: (error: Error | null) => void): void
  /** Flushes a directory, so that names made, renamed or removed in it survive a power cut. */
  syncDirectory(path: string): void
  /** Returns `undefined` when nothing has this name. */
  stat(path: string): DiskStat | undefined
  fileStat(descriptor: number): DiskStat
  /**
   * Returns how many bytes the volume of a file says that it has left: a hint only, others write to
   * it too, and a quota may leave less.
   */
  freeBytes(path: string): number
  /** Makes the directory and its missing parents, readable by the owner alone. */
  makeDirectory(path: string): void
  /** Returns the names in a directory, sorted; none when it does not exist. */
  list(path: string): string[]
  rename(from: string, to: string): void
  /** Gives a file a second name; fails with `EEXIST` when the name is taken. */
  link(from: string, to: string): void
  remove(path: string): void
  removeDirectory(path: string): void
}
