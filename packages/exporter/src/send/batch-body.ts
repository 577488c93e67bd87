import { crc32 } from 'node:zlib'
import { ENVELOPE_END } from '../journal/envelope.ts'
import { JoinedCrc } from '../journal/joined-crc.ts'
import { type Frames, JoinedFrames } from './joined-frames.ts'

/** A request body before it is compressed. */
export interface Body {
  readonly bytes: Buffer
  /** CRC-32 of the bytes, where it is known. */
  readonly crc?: number
}

const SUFFIX = Buffer.from(ENVELOPE_END)
const SUFFIX_CRC = crc32(SUFFIX)

const COMMA = 0x2c

/** Room for this many times the first body: batches of one log are about of a size. */
const SPARE = 1.25

/** Makes the request bodies of one log by joining encoded records; nothing is encoded again. */
export class BodyBuilder {
  readonly #prefix: Buffer
  readonly #prefixCrc: number
  readonly #crc: JoinedCrc = new JoinedCrc()
  #body: Buffer = Buffer.alloc(0)

  /** @param envelope - Content of the log's `envelope.json`. */
  constructor(envelope: string) {
    this.#prefix = Buffer.from(envelope).subarray(0, -SUFFIX.length)
    this.#prefixCrc = crc32(this.#prefix)
  }

  /**
   * Returns a body that is valid until the next call, and as long as the frames are. Those that a
   * journal gave joined are not copied.
   */
  build(frames: Frames): Body {
    if (frames instanceof JoinedFrames && frames.crc !== undefined) {
      const bytes = frames.surround(this.#prefix, SUFFIX)
      if (bytes) return { bytes, crc: this.#crcAround(frames.crc, frames.byteLength) }
    }
    return { bytes: this.#copy([...frames]) }
  }

  #crcAround(crc: number, length: number): number {
    const begun = this.#crc.combine(this.#prefixCrc, crc, length)
    return this.#crc.combine(begun, SUFFIX_CRC, SUFFIX.length)
  }

  /** Fresh memory is what takes time here: it is kept for the next body. */
  #copy(frames: readonly Buffer[]): Buffer {
    const bytes = frames.reduce((sum, frame) => sum + frame.length + 1, -1)
    const length = this.#prefix.length + bytes + SUFFIX.length
    if (length > this.#body.length) this.#body = Buffer.allocUnsafeSlow(Math.ceil(length * SPARE))
    const body = this.#body
    let at = this.#prefix.copy(body)
    for (const [order, frame] of frames.entries()) {
      if (order > 0) body[at++] = COMMA
      at += frame.copy(body, at)
    }
    SUFFIX.copy(body, at)
    return body.subarray(0, length)
  }
}
