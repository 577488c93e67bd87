import { crc32 } from 'node:zlib'

/**
 * The head of a segment file.
 *
 * ```text
 * offset size
 *      0    8  ASCII `TTRAILSG`
 *      8    1  version: 1
 *      9    1  encoding of its frames: 1 OTLP/JSON
 *     10    6  zero
 *     16   16  uuid of the log
 *     32    8  index of the first record, u64 little-endian
 *     40   20  zero
 *     60    4  CRC-32 (IEEE 802.3) of the 60 bytes before, u32 little-endian
 * ```
 *
 * Frames (`frame.ts`) follow from byte 64 on. The file is named by its first index: sixteen
 * lower-case hex digits and `.seg`.
 */
export interface SegmentHeader {
  /** Lower-case uuid with dashes. */
  readonly log: string
  readonly firstIndex: number
}

export const SEGMENT_HEADER_BYTES = 64

const MAGIC = 'TTRAILSG'
const VERSION = 1
const ENCODING_OTLP_JSON = 1
const NAME = /^([0-9a-f]{16})\.seg$/

/** Returns the 64 bytes. */
export function encodeSegmentHeader(header: SegmentHeader): Buffer {
  const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES)
  bytes.write(MAGIC, 0, 'latin1')
  bytes[8] = VERSION
  bytes[9] = ENCODING_OTLP_JSON
  bytes.write(header.log.replaceAll('-', ''), 16, 'hex')
  bytes.writeBigUInt64LE(BigInt(header.firstIndex), 32)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 60)), 60)
  return bytes
}

/** Returns what the head says, or `undefined` when it is not one that we wrote. */
export function decodeSegmentHeader(bytes: Buffer): SegmentHeader | undefined {
  if (bytes.length < SEGMENT_HEADER_BYTES) return undefined
  const uuid = bytes.toString('hex', 16, 32)
  const log = uuid.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  const firstIndex = Number(bytes.readBigUInt64LE(32))
  if (!Number.isSafeInteger(firstIndex)) return undefined
  const expected = encodeSegmentHeader({ log, firstIndex })
  return expected.equals(bytes.subarray(0, SEGMENT_HEADER_BYTES)) ? { log, firstIndex } : undefined
}

/** Returns the file name of the segment that starts with this record. */
export function formatSegmentName(firstIndex: number): string {
  return `${firstIndex.toString(16).padStart(16, '0')}.seg`
}

/** Returns the first index that a file name gives, or `undefined` when it names no segment. */
export function parseSegmentName(name: string): number | undefined {
  const digits = NAME.exec(name)?.[1]
  if (digits === undefined) return undefined
  const firstIndex = Number.parseInt(digits, 16)
  return Number.isSafeInteger(firstIndex) ? firstIndex : undefined
}
