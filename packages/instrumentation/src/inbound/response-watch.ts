import type { ServerResponse } from 'node:http'
import { reportFault } from '../safe.ts'
import type { ResponseObserver } from './response.ts'
import { findWrittenHeader, isBodiless, toContentLength } from './response-headers.ts'

/**
 * Knows when the last byte of one response is about to go. None of its methods throws. Only the
 * wrapped methods of that response touch it.
 */
export class ResponseWatch {
  /** Whether the observer has been told. */
  done = false
  readonly #response: ServerResponse
  readonly #observer: ResponseObserver
  #expected: 'nothing' | 'last byte' | 'flush' = 'nothing'
  #writtenBytes = 0
  /** Fields of `writeHead`, which `getHeader` does not always know. */
  #challenge: unknown
  #contentLength: number | undefined

  constructor(response: ServerResponse, observer: ResponseObserver) {
    this.#response = response
    this.#observer = observer
  }

  /**
   * The call that follows hands over the last byte. Before the header is written it can still fail,
   * so the observer is told once `writeHead` has accepted it.
   *
   * @param chunk - What Node refuses with an exception is not the end of anything.
   */
  expectLastByte(chunk: unknown): void {
    if (chunk && typeof chunk !== 'function' && byteLength(chunk, undefined) === undefined) return
    if (this.#response.headersSent) this.#tell(true)
    else this.#expected = 'last byte'
  }

  /** The call that follows hands over the header, which is all of a response without a body. */
  expectFlush(): void {
    if (!this.#response.headersSent) this.#expected = 'flush'
    else if (this.#endsWithHeader()) this.#tell(true)
  }

  /** `writeHead` accepted status and header; nothing has been handed to the connection yet. */
  headReady(headers: unknown): void {
    try {
      if (headers !== undefined && headers !== null) this.#keepFields(headers)
      this.#contentLength ??= toContentLength(this.#response.getHeader('content-length'))
      if (this.#expected === 'last byte') this.#tell(true)
      else if (this.#expected === 'flush' && this.#endsWithHeader()) this.#tell(true)
    } catch (error) {
      reportFault(this.#observer.onFault, 'response.writeHead', error)
    }
  }

  /** Whether this chunk completes the announced `Content-Length`. Counts it. */
  isLastWrite(chunk: unknown, encoding: unknown): boolean {
    try {
      if (!this.#observer.isWanted()) return false
      const announced =
        this.#contentLength ?? toContentLength(this.#response.getHeader('content-length'))
      if (announced === undefined) return false
      this.#writtenBytes += byteLength(chunk, encoding) ?? 0
      return this.#writtenBytes >= announced
    } catch (error) {
      reportFault(this.#observer.onFault, 'response.write', error)
      return false
    }
  }

  /** The call is over. Where `writeHead` was somebody else's, this is late but not never. */
  settle(returned: boolean): void {
    const expected = this.#expected
    this.#expected = 'nothing'
    if (returned && expected === 'last byte') this.#tell(true)
  }

  /** The connection is gone; if nothing was told before, the response never finished. */
  closed(): void {
    this.#tell(false)
  }

  #keepFields(headers: unknown): void {
    if (!this.#observer.isWanted()) return
    this.#contentLength = toContentLength(findWrittenHeader(headers, 'content-length'))
    if (this.#response.statusCode < 400) return
    this.#challenge = findWrittenHeader(headers, 'www-authenticate')
  }

  #endsWithHeader(): boolean {
    return isBodiless(this.#response) || this.#contentLength === 0
  }

  #tell(complete: boolean): void {
    if (this.done) return
    this.done = true
    try {
      if (!this.#observer.isWanted()) return
      const challenge = this.#challenge ?? this.#response.getHeader('www-authenticate')
      this.#observer.ended(complete, challenge)
    } catch (error) {
      reportFault(this.#observer.onFault, 'response.end', error)
    }
  }
}

/** Bytes of a chunk on the wire; undefined for what Node would refuse. */
function byteLength(chunk: unknown, encoding: unknown): number | undefined {
  if (typeof chunk === 'string') {
    return Buffer.byteLength(
      chunk,
      typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8',
    )
  }
  return chunk instanceof Uint8Array ? chunk.byteLength : undefined
}
