import type { Reply } from './answer.ts'
import type { Body } from './batch-body.ts'
import { type Compression, compress } from './compression.ts'
import type { Transport } from './http-transport.ts'

/** Unsupported Media Type: an encoding, too (RFC 9110 §15.5.16). */
const UNSUPPORTED = 415

/** What receivers answer that do not know an encoding and do not know how to say so. */
const SUSPICIOUS: ReadonlySet<number> = new Set([400, 422, 500, 501])

/**
 * Compresses bodies and sends them. A receiver that refuses the first of them in `zstd` gets the
 * same in gzip, which every receiver knows; if it takes that, everything goes in gzip from then
 * on.
 *
 * Owner: whoever delivers.
 */
export class BodySender {
  readonly #transport: Transport
  readonly #onFallback: (statusCode: number) => void
  #compression: Compression
  /** Whether the receiver has taken a body in `zstd`. */
  #isKnown = false

  /** @param onFallback - Told once, with the status that `zstd` was refused with. */
  constructor(
    transport: Transport,
    compression: Compression,
    onFallback: (statusCode: number) => void,
  ) {
    this.#transport = transport
    this.#compression = compression
    this.#onFallback = onFallback
  }

  /** Sends one body, compressed. Never rejects. */
  async send(body: Body): Promise<Reply> {
    const reply = await this.#sendAs(body, this.#compression)
    if (this.#compression !== 'zstd' || 'failure' in reply) return reply
    const { statusCode } = reply
    this.#isKnown ||= isTaken(reply)
    if (statusCode !== UNSUPPORTED && (this.#isKnown || !SUSPICIOUS.has(statusCode))) return reply
    const second = await this.#sendAs(body, 'gzip')
    if (isTaken(second) && this.#compression === 'zstd') {
      this.#compression = 'gzip'
      this.#onFallback(statusCode)
    }
    return second
  }

  #sendAs({ bytes, crc }: Body, compression: Compression): Promise<Reply> {
    const encoding = compression === 'none' ? undefined : compression
    return this.#transport.send(compress(bytes, compression, crc), encoding)
  }
}

function isTaken(reply: Reply): boolean {
  return 'statusCode' in reply && reply.statusCode >= 200 && reply.statusCode < 300
}
