import type { ServedResponse } from './served.ts'

/** Most that is kept of what an application writes before its header is whole. */
const MAX_HEAD_LENGTH = 8_192

const STATUS_LINE = /^HTTP\/1\.[01] (\d{3})(?: |\r?\n|$)/
const HEAD_END = /\r?\n\r?\n/

/**
 * Reads the header of an answer that an application writes as bytes: the status line (RFC 9112 §4)
 * and single fields, of the first 8,192 characters.
 *
 *     HTTP/1.1 101 Switching Protocols
 *     Upgrade: websocket
 */
export class HandshakeResponse implements ServedResponse {
  #head = ''
  #statusCode = 0
  #isWhole = false

  /** Whether the whole header was seen, or as much of it as is looked at. */
  get headersSent(): boolean {
    return this.#isWhole && this.#statusCode !== 0
  }

  /** 0 as long as there is none. */
  get statusCode(): number {
    return this.#statusCode
  }

  /** Adds what is being written. */
  add(chunk: unknown, encoding: unknown): void {
    if (this.#isWhole) return
    this.#head += toText(chunk, encoding).slice(0, MAX_HEAD_LENGTH - this.#head.length)
    const end = HEAD_END.exec(this.#head)
    this.#statusCode = Number(STATUS_LINE.exec(this.#head)?.[1] ?? 0)
    if (end === null && this.#head.length < MAX_HEAD_LENGTH) return
    this.#isWhole = true
    if (end !== null) this.#head = this.#head.slice(0, end.index)
  }

  /** Gives the fields of that name; undefined when there is none. */
  getHeader(name: string): readonly string[] | undefined {
    const values = this.#head
      .split(/\r?\n/)
      .slice(1)
      .filter((line) => line.slice(0, line.indexOf(':')).toLowerCase() === name)
      .map((line) => line.slice(line.indexOf(':') + 1).trim())
    return values.length === 0 ? undefined : values
  }
}

function toText(chunk: unknown, encoding: unknown): string {
  if (typeof chunk === 'string') {
    const isText = encoding !== 'hex' && encoding !== 'base64' && encoding !== 'base64url'
    return isText ? chunk : Buffer.from(chunk, encoding as BufferEncoding).toString('latin1')
  }
  if (!(chunk instanceof Uint8Array)) return ''
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    .subarray(0, MAX_HEAD_LENGTH)
    .toString('latin1')
}
