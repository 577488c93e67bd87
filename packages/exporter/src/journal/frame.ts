import { crc32 } from 'node:zlib'

/**
 * One frame of a segment: a record, or an identity record, as it goes on the wire.
 *
 * ```text
 * offset size
 *      0    4  length of what follows the index, u32: 12 + length of the wire bytes
 *      4    4  CRC-32 (IEEE 802.3) of everything after this field, u32
 *      8    8  index of the record, u64; of an identity the index of the next record
 *     16    1  kind: 1 record, 2 identity, 3 erased: an identity of which only the room is left
 *     17    1  encoding of the wire bytes: 1 OTLP/JSON LogRecord
 *     18    2  zero
 *     20    4  where the canonical text starts in the wire bytes, u32
 *     24    4  how long it is there, u32 (escaped as a JSON string, without its quotes)
 *     28    …  wire bytes
 * ```
 *
 * Numbers are little-endian. The length is not under the CRC: a wrong one makes the CRC run over
 * other bytes, and fails.
 */
export interface Frame {
  readonly kind: FrameKind
  readonly index: number
  /** Where the wire bytes start and end in the buffer that was read. */
  readonly start: number
  readonly end: number
  /** Where the escaped canonical text starts and ends in that buffer. */
  readonly textStart: number
  readonly textEnd: number
}

export type FrameKind = 'record' | 'identity' | 'erased'

/** What {@link FrameWriter.add} puts into a frame. */
export interface FrameContent {
  readonly kind: FrameKind
  readonly index: number
  /** The OTLP/JSON LogRecord. */
  readonly json: string
  /** Where the escaped canonical text starts and ends in `json`, in bytes of its UTF-8 form. */
  readonly textStart: number
  readonly textEnd: number
}

/** Bytes of a frame that are not wire bytes. */
export const FRAME_OVERHEAD_BYTES = 28

/**
 * Most bytes that the wire form of one record may take. Records end at 8,000 bytes of text, which
 * escaping and the projection can make about four times as long.
 */
export const MAX_WIRE_BYTES = 131_072

const PAYLOAD_HEAD_BYTES = 12
const CRC_START = 8
const ENCODING_OTLP_JSON = 1
const KINDS: readonly (FrameKind | undefined)[] = [undefined, 'record', 'identity', 'erased']
const HIGH = 0x1_0000_0000

/** Collects frames in one buffer of its own, so that they go to disk in one `write`. */
export class FrameWriter {
  #buffer: Buffer = Buffer.allocUnsafeSlow(64 * 1024)
  #length = 0

  /** The frames added since {@link clear}; valid until the next call. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length)
  }

  get length(): number {
    return this.#length
  }

  clear(): void {
    this.#length = 0
  }

  /** @throws {RangeError} When the wire bytes exceed {@link MAX_WIRE_BYTES}. */
  add(content: FrameContent): void {
    const { json, index } = content
    this.#reserve(FRAME_OVERHEAD_BYTES + json.length * 3)
    const at = this.#length
    const buffer = this.#buffer
    const wireLength = buffer.write(json, at + FRAME_OVERHEAD_BYTES, 'utf8')
    if (wireLength > MAX_WIRE_BYTES) throw new RangeError('record is too large for a frame')
    buffer.writeUInt32LE(PAYLOAD_HEAD_BYTES + wireLength, at)
    buffer.writeUInt32LE(index % HIGH, at + 8)
    buffer.writeUInt32LE(Math.floor(index / HIGH), at + 12)
    buffer.writeUInt32LE(KINDS.indexOf(content.kind) | (ENCODING_OTLP_JSON << 8), at + 16)
    buffer.writeUInt32LE(content.textStart, at + 20)
    buffer.writeUInt32LE(content.textEnd - content.textStart, at + 24)
    const end = at + FRAME_OVERHEAD_BYTES + wireLength
    buffer.writeUInt32LE(crc32(buffer.subarray(at + CRC_START, end)), at + 4)
    this.#length = end
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return
    const larger = Buffer.allocUnsafeSlow((this.#length + bytes) * 2)
    this.#buffer.copy(larger, 0, 0, this.#length)
    this.#buffer = larger
  }
}

/**
 * Reads the frame that starts at `offset`. The bytes up to `end` are looked at, none behind.
 *
 * @returns `'short'` when the frame would end behind `end`, `'bad'` when what stands there is no
 *   frame that {@link FrameWriter} wrote.
 */
export function readFrame(buffer: Buffer, offset: number, end: number): Frame | 'short' | 'bad' {
  const frame = readFrameHead(buffer, offset, end)
  if (typeof frame === 'string') return frame
  const crc = crc32(buffer.subarray(offset + CRC_START, frame.end))
  return crc === buffer.readUInt32LE(offset + 4) ? frame : 'bad'
}

/** Does what {@link readFrame} does, except that the CRC is left to the caller. */
export function readFrameHead(
  buffer: Buffer,
  offset: number,
  end: number,
): Frame | 'short' | 'bad' {
  if (offset + FRAME_OVERHEAD_BYTES > end) return 'short'
  const length = buffer.readUInt32LE(offset)
  if (length < PAYLOAD_HEAD_BYTES || length > PAYLOAD_HEAD_BYTES + MAX_WIRE_BYTES) return 'bad'
  const kind = KINDS[buffer[offset + 16] ?? 0]
  if (!kind || buffer.readUInt16LE(offset + 17) !== ENCODING_OTLP_JSON) return 'bad'
  if (buffer[offset + 19] !== 0) return 'bad'
  const start = offset + FRAME_OVERHEAD_BYTES
  const frameEnd = start + length - PAYLOAD_HEAD_BYTES
  if (frameEnd > end) return 'short'
  const textStart = start + buffer.readUInt32LE(offset + 20)
  const textEnd = textStart + buffer.readUInt32LE(offset + 24)
  const index = buffer.readUInt32LE(offset + 12) * HIGH + buffer.readUInt32LE(offset + 8)
  if (textEnd > frameEnd || !Number.isSafeInteger(index)) return 'bad'
  return { kind, index, start, end: frameEnd, textStart, textEnd }
}

/**
 * Erases a frame in place: index and length stay, so that every offset behind it holds; the wire
 * bytes become an OTLP log record without content, should anybody send them.
 */
export function eraseFrame(buffer: Buffer, frame: Frame): void {
  const at = frame.start - FRAME_OVERHEAD_BYTES
  buffer[at + 16] = KINDS.indexOf('erased')
  buffer.writeUInt32LE(0, at + 20)
  buffer.writeUInt32LE(0, at + 24)
  buffer.fill(' ', frame.start, frame.end)
  buffer.write('{}', frame.start)
  buffer.writeUInt32LE(crc32(buffer.subarray(at + CRC_START, frame.end)), at + 4)
}

/** Returns the canonical text of a frame, unescaped. */
export function frameText(buffer: Buffer, frame: Frame): string {
  const parsed: unknown = JSON.parse(`"${buffer.toString('utf8', frame.textStart, frame.textEnd)}"`)
  return String(parsed)
}
