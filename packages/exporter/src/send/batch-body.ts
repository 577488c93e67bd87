import { ENVELOPE_END } from '../journal/envelope.ts'

const SUFFIX = Buffer.from(ENVELOPE_END)

const COMMA = 0x2c

/** Room for this many times the first body: batches of one log are about of a size. */
const SPARE = 1.25

/** Makes the request bodies of one log by joining encoded records; nothing is encoded again. */
export class BodyBuilder {
  readonly #prefix: Buffer
  #body: Buffer = Buffer.alloc(0)

  /** @param envelope - Content of the log's `envelope.json`. */
  constructor(envelope: string) {
    this.#prefix = Buffer.from(envelope).subarray(0, -SUFFIX.length)
  }

  /** Returns a body that is valid until the next call: fresh memory is what takes time here. */
  build(frames: readonly Buffer[]): Buffer {
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
