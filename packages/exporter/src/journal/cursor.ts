import { crc32 } from 'node:zlib'
import type { Disk } from '../disk/disk.ts'
import { closeQuietly, writeFully } from '../disk/files.ts'

/** How far a log was delivered: everything before this place was answered with a full success. */
export interface Position {
  /** First index of the segment, which names it. */
  readonly segment: number
  /** Offset in the segment's file. */
  readonly offset: number
}

const SLOT_BYTES = 32

/**
 * The delivery cursor of a log: a file of two slots, written alternately, so that a write torn by a
 * crash leaves the other one. A lost cursor only causes duplicates, which carry the same ids.
 *
 * ```text
 * offset size   one slot
 *      0    4   CRC-32 (IEEE 802.3) of the 28 bytes behind it, u32
 *      4    4   zero
 *      8    8   generation, u64: the slot with the greater one counts
 *     16    8   first index of the segment, u64
 *     24    8   offset in it, u64
 * ```
 *
 * Numbers are little-endian. Owner: the delivery worker of the process that holds the log's lock.
 */
export class Cursor {
  readonly #disk: Disk
  readonly #descriptor: number
  readonly #slot: Buffer = Buffer.alloc(SLOT_BYTES)
  #generation: bigint
  #position: Position | undefined

  private constructor(disk: Disk, descriptor: number, latest: Slot | undefined) {
    this.#disk = disk
    this.#descriptor = descriptor
    this.#generation = latest?.generation ?? 0n
    this.#position = latest?.position
  }

  /** Opens the cursor file, or makes it, at its full size: moving it later takes no room. */
  static open(disk: Disk, path: string): Cursor {
    const isNew = !disk.stat(path)
    const descriptor = disk.open(path, isNew ? 'create' : 'update')
    try {
      if (isNew) writeFully(disk, descriptor, Buffer.alloc(2 * SLOT_BYTES), 0)
    } catch {
      // A full disk. Without a cursor the next process sends again what this one has sent.
    }
    return new Cursor(disk, descriptor, readLatest(disk, descriptor))
  }

  /** `undefined` when nothing was delivered yet, or no slot is whole. */
  get position(): Position | undefined {
    return this.#position
  }

  /**
   * Records a new position. It survives the process; {@link sync} makes it survive a power cut.
   *
   * @returns Whether the disk has taken it. Otherwise it holds in this process only.
   */
  advance(position: Position): boolean {
    this.#position = position
    this.#generation += 1n
    const slot = this.#slot
    slot.writeBigUInt64LE(this.#generation, 8)
    slot.writeBigUInt64LE(BigInt(position.segment), 16)
    slot.writeBigUInt64LE(BigInt(position.offset), 24)
    slot.writeUInt32LE(crc32(slot.subarray(4)), 0)
    const place = Number(this.#generation % 2n) * SLOT_BYTES
    try {
      writeFully(this.#disk, this.#descriptor, slot, place)
      return true
    } catch {
      return false
    }
  }

  /** Must return before a segment that the cursor has passed is removed. */
  sync(): void {
    this.#disk.syncData(this.#descriptor)
  }

  close(): void {
    closeQuietly(this.#disk, this.#descriptor)
  }
}

/** Reads the position of a cursor file without opening it for writing. */
export function readCursor(disk: Disk, path: string): Position | undefined {
  if (!disk.stat(path)) return undefined
  const descriptor = disk.open(path, 'read')
  try {
    return readLatest(disk, descriptor)?.position
  } finally {
    closeQuietly(disk, descriptor)
  }
}

/** Flushes a cursor file that another thread may be writing. See {@link Cursor.sync}. */
export function syncCursor(disk: Disk, path: string): void {
  const descriptor = disk.open(path, 'update')
  try {
    disk.syncData(descriptor)
  } finally {
    closeQuietly(disk, descriptor)
  }
}

interface Slot {
  readonly generation: bigint
  readonly position: Position
}

function readLatest(disk: Disk, descriptor: number): Slot | undefined {
  const bytes = Buffer.alloc(2 * SLOT_BYTES)
  const length = disk.read(descriptor, bytes, 0, bytes.length, 0)
  const slots = [0, SLOT_BYTES]
    .filter((at) => at + SLOT_BYTES <= length)
    .map((at) => decodeSlot(bytes.subarray(at, at + SLOT_BYTES)))
    .filter((slot) => slot !== undefined)
  return slots.sort((a, b) => (a.generation < b.generation ? 1 : -1))[0]
}

function decodeSlot(slot: Buffer): Slot | undefined {
  if (crc32(slot.subarray(4)) !== slot.readUInt32LE(0)) return undefined
  const segment = Number(slot.readBigUInt64LE(16))
  const offset = Number(slot.readBigUInt64LE(24))
  if (!Number.isSafeInteger(segment) || !Number.isSafeInteger(offset)) return undefined
  return { generation: slot.readBigUInt64LE(8), position: { segment, offset } }
}
