import { dirname } from 'node:path'
import type { Disk, DiskStat, OpenMode } from '@tokentrail/exporter'

/** How one call of the disk goes wrong. */
export type Fault = 'EIO' | 'ENOSPC' | 'short' | 'crash'

/** What happens to call number `at`, counted from 1. */
export interface FaultPlan {
  readonly at: number
  readonly fault: Fault
}

/** A write, or a cut, that no flush has covered; `order` counts over all files. */
type Pending =
  | { readonly order: number; readonly offset: number; readonly bytes: Buffer }
  | { readonly order: number; readonly cutTo: number }

interface File {
  readonly inode: bigint
  readonly isDirectory: boolean
  data: Buffer
  /** What is on the platter, so to speak. */
  durable: Buffer
  pending: Pending[]
  links: number
  modifiedMillis: number
}

/** Thrown by every call once the machine, or the process, is down. */
export class Crashed extends Error {}

/**
 * A disk in memory that fails when it is told to, and that knows what a power cut would leave: of a
 * file what was flushed, and by chance what was written since; of a directory the names that were
 * flushed. After a failed flush the kernel takes the pages for clean: a later flush does not bring
 * them to the platter either.
 *
 * As on ext4, xfs and btrfs, a flush of a file or of a directory brings the directories above
 * along.
 */
export class SimDisk implements Disk {
  /** Calls so far. */
  calls = 0
  plan: FaultPlan | undefined
  /** Bytes by which files may still grow. */
  room = Infinity
  /** Whether a planned crash has come: every call throws until {@link SimDisk.crash}. */
  isDown = false
  #nextInode = 1n
  #order = 0
  #nextDescriptor = 3
  #names: Map<string, File> = new Map()
  #durableNames: Map<string, File> = new Map()
  readonly #open: Map<number, File> = new Map()
  #callbacks: (() => void)[] = []

  constructor() {
    this.#names.set('/', this.#createFile(true))
    this.#durableNames = new Map(this.#names)
  }

  open(path: string, mode: OpenMode): number {
    this.#call(mode === 'create')
    const found = this.#names.get(path)
    if (mode === 'create' && found) throw systemError('EEXIST', path)
    if (mode !== 'create' && !found) throw systemError('ENOENT', path)
    const file = found ?? this.#add(path, false)
    const descriptor = this.#nextDescriptor++
    this.#open.set(descriptor, file)
    return descriptor
  }

  close(descriptor: number): void {
    this.#file(descriptor)
    this.#open.delete(descriptor)
    this.#call(false)
  }

  read(
    descriptor: number,
    target: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): number {
    const isShort = this.#call(false)
    const { data } = this.#file(descriptor)
    const asked = isShort ? Math.ceil(length / 2) : length
    const part = data.subarray(position, position + asked)
    target.set(part, offset)
    return part.length
  }

  write(
    descriptor: number,
    source: Uint8Array,
    offset: number,
    length: number,
    position: number,
  ): number {
    const isShort = this.#call(true)
    const file = this.#file(descriptor)
    const growth = Math.max(0, position + length - file.data.length)
    const fitting = growth > this.room ? length - growth + this.room : length
    if (fitting <= 0 && length > 0) throw systemError('ENOSPC', 'write')
    const taken = isShort ? Math.ceil(length / 2) : fitting
    const bytes = Buffer.from(source.subarray(offset, offset + taken))
    this.room -= Math.max(0, position + taken - file.data.length)
    file.data = overwrite(file.data, position, bytes)
    file.pending.push({ order: this.#order++, offset: position, bytes })
    file.modifiedMillis++
    return taken
  }

  truncate(descriptor: number, length: number): void {
    this.#call(false)
    const file = this.#file(descriptor)
    this.room += file.data.length - length
    file.data = resize(file.data, length)
    file.pending.push({ order: this.#order++, cutTo: length })
  }

  syncDataLater(descriptor: number, synced: (error: Error | null) => void): void {
    const file = this.#file(descriptor)
    this.#later(() => this.#syncFile(file), synced)
  }

  syncData(descriptor: number): void {
    this.#syncFile(this.#file(descriptor))
  }

  syncDirectoryLater(path: string, synced: (error: Error | null) => void): void {
    this.#later(() => this.syncDirectory(path), synced)
  }

  syncDirectory(path: string): void {
    this.#call(true)
    this.#lookup(path)
    this.#keepAbove(path)
    for (const name of this.#durableNames.keys()) {
      if (dirname(name) === path && !this.#names.has(name)) this.#durableNames.delete(name)
    }
    for (const [name, file] of this.#names) {
      if (dirname(name) === path) this.#durableNames.set(name, file)
    }
  }

  stat(path: string): DiskStat | undefined {
    this.#call(false)
    const found = this.#names.get(path)
    return found && toStat(found)
  }

  fileStat(descriptor: number): DiskStat {
    this.#call(false)
    return toStat(this.#file(descriptor))
  }

  freeBytes(): number {
    this.#call(false)
    return this.room
  }

  makeDirectory(path: string): void {
    if (this.#names.has(path)) return
    this.makeDirectory(dirname(path))
    this.#call(true)
    this.#add(path, true)
  }

  list(path: string): string[] {
    this.#call(false)
    const names = [...this.#names.keys()].filter((name) => name !== '/' && dirname(name) === path)
    return names.map((name) => name.slice(path.length + 1)).sort()
  }

  rename(from: string, to: string): void {
    this.#call(true)
    const file = this.#lookup(from)
    this.#unlink(to)
    this.#names.delete(from)
    this.#names.set(to, file)
  }

  link(from: string, to: string): void {
    this.#call(true)
    if (this.#names.has(to)) throw systemError('EEXIST', to)
    const file = this.#lookup(from)
    file.links++
    this.#names.set(to, file)
  }

  remove(path: string): void {
    this.#call(false)
    this.#lookup(path)
    this.#unlink(path)
  }

  removeDirectory(path: string): void {
    this.#call(false)
    this.#lookup(path)
    this.#names.delete(path)
  }

  /** Every file's path and size. */
  files(): { readonly path: string; readonly size: number }[] {
    return [...this.#names]
      .filter(([, file]) => !file.isDirectory)
      .map(([path, file]) => ({ path, size: file.data.length }))
  }

  /** The same disk again, to be changed without changing this one. Nobody has a file open. */
  copy(): SimDisk {
    const copy = new SimDisk()
    copy.#nextInode = this.#nextInode
    copy.#nextDescriptor = this.#nextDescriptor
    const files = new Map(
      [...this.#names.values(), ...this.#durableNames.values()].map((file) => [file, { ...file }]),
    )
    const copyOf = (names: Map<string, File>): Map<string, File> =>
      new Map([...names].map(([name, file]) => [name, files.get(file) ?? file]))
    copy.#names = copyOf(this.#names)
    copy.#durableNames = copyOf(this.#durableNames)
    return copy
  }

  /** Turns one bit of a file over, as a bad disk does. */
  flip(path: string, bit: number): void {
    const file = this.#lookup(path)
    const data = Buffer.from(file.data)
    const place = bit >> 3
    data[place] = (data[place] ?? 0) ^ (1 << (bit & 7))
    file.data = data
    file.durable = data
    file.pending = []
  }

  /** Cuts a file off, as a torn write does. */
  tear(path: string, length: number): void {
    const file = this.#lookup(path)
    file.data = resize(file.data, length)
    file.durable = file.data
    file.pending = []
  }

  /** Ends the flushes that are under way. */
  turn(): void {
    const callbacks = this.#callbacks
    this.#callbacks = []
    for (const callback of callbacks) callback()
  }

  /** The process dies: its descriptors close, what it wrote stays. */
  crash(): void {
    this.#callbacks = []
    this.#open.clear()
    this.isDown = false
    this.plan = undefined
  }

  /**
   * The power goes: of what was not flushed, what was written first is there, up to some moment.
   *
   * @param chance - From 0 to 1: how much is there, and how much of the write of that moment.
   * @param isOrderly - Default is `true`. Without, any write may be there, and its place be zeros
   *   where it is not: disks keep no order.
   */
  cutPower(chance: () => number, isOrderly = true): void {
    this.crash()
    if (isOrderly) this.#keepUntil(chance)
    else this.#keepSome(chance)
    this.#names = new Map(this.#durableNames)
  }

  #keepUntil(chance: () => number): void {
    const files = new Set([...this.#names.values(), ...this.#durableNames.values()])
    const orders = [...files].flatMap(({ pending }) => pending.map(({ order }) => order))
    orders.sort((a, b) => a - b)
    const moment = orders[Math.floor(chance() * (orders.length + 1))] ?? Infinity
    for (const file of files) {
      for (const change of file.pending) {
        if (change.order < moment) file.durable = apply(file.durable, change)
        else if (change.order === moment && 'bytes' in change) {
          const torn = change.bytes.subarray(0, Math.floor(chance() * change.bytes.length))
          file.durable = overwrite(file.durable, change.offset, torn)
        }
      }
      file.data = file.durable
      file.pending = []
    }
  }

  #keepSome(chance: () => number): void {
    for (const file of new Set([...this.#names.values(), ...this.#durableNames.values()])) {
      const { length } = file.data
      const part = chance()
      for (const change of file.pending) {
        if ('cutTo' in change || chance() < part) file.durable = apply(file.durable, change)
      }
      // A size reaches the disk apart from the bytes.
      if (file.pending.length > 0 && chance() < 0.5) file.durable = resize(file.durable, length)
      file.data = file.durable
      file.pending = []
    }
  }

  #createFile(isDirectory: boolean): File {
    const empty = Buffer.alloc(0)
    return {
      inode: this.#nextInode++,
      isDirectory,
      data: empty,
      durable: empty,
      pending: [],
      links: 1,
      modifiedMillis: Date.now(),
    }
  }

  #add(path: string, isDirectory: boolean): File {
    this.#lookup(dirname(path))
    const file = this.#createFile(isDirectory)
    this.#names.set(path, file)
    return file
  }

  #lookup(path: string): File {
    const file = this.#names.get(path)
    if (!file) throw systemError('ENOENT', path)
    return file
  }

  #unlink(path: string): void {
    const file = this.#names.get(path)
    if (!file) return
    this.#names.delete(path)
    if (--file.links === 0) this.room += file.data.length
  }

  #file(descriptor: number): File {
    const file = this.#open.get(descriptor)
    if (!file) throw this.isDown ? new Crashed('the machine is down') : systemError('EBADF', '')
    return file
  }

  #syncFile(file: File): void {
    try {
      this.#call(true)
    } catch (error) {
      // The pages count as clean from now on, and never get there. A process that dies in its flush
      // changes nothing of them.
      if (!(error instanceof Crashed)) file.pending = []
      throw error
    }
    for (const change of file.pending) file.durable = apply(file.durable, change)
    file.pending = []
    for (const [name, found] of this.#names) if (found === file) this.#keepAbove(dirname(name))
  }

  #keepAbove(path: string): void {
    for (let name = path; !this.#durableNames.has(name); name = dirname(name)) {
      const file = this.#names.get(name)
      if (file) this.#durableNames.set(name, file)
    }
  }

  #later(work: () => void, synced: (error: Error | null) => void): void {
    this.#callbacks.push(() => {
      try {
        work()
      } catch (error) {
        synced(error as Error)
        return
      }
      synced(null)
    })
  }

  /** Counts a call. Throws when it is to fail; returns whether it is to do a part only. */
  #call(needsRoom: boolean): boolean {
    if (this.isDown) throw new Crashed('the machine is down')
    this.calls++
    if (this.plan?.at !== this.calls) return false
    const { fault } = this.plan
    if (fault === 'short') return true
    if (fault === 'crash') {
      this.isDown = true
      throw new Crashed('the machine goes down')
    }
    if (fault === 'EIO' || needsRoom) throw systemError(fault, 'injected')
    return false
  }
}

function apply(data: Buffer, change: Pending): Buffer {
  return 'bytes' in change
    ? overwrite(data, change.offset, change.bytes)
    : resize(data, change.cutTo)
}

function overwrite(data: Buffer, offset: number, bytes: Buffer): Buffer {
  const grown = resize(data, Math.max(data.length, offset + bytes.length))
  bytes.copy(grown, offset)
  return grown
}

/** A copy of another length; what is new is zero. */
function resize(data: Buffer, length: number): Buffer {
  const resized = Buffer.alloc(length)
  data.copy(resized, 0, 0, length)
  return resized
}

function toStat({ data, inode, isDirectory, links, modifiedMillis }: File): DiskStat {
  return { size: data.length, inode, device: 1n, links, modifiedMillis, mode: 0o600, isDirectory }
}

function systemError(code: string, what: string): Error {
  return Object.assign(new Error(`${code}: ${what}`), { code })
}
