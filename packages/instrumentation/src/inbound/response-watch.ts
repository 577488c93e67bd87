import type { ServerResponse } from 'node:http'
import { reportFault } from '../safe.ts'
import type { FaultHandler } from '../types.ts'
import { findWrittenHeader, isBodiless, toContentLength } from './response-headers.ts'

/** What is told about responses; one observer serves all of them. */
export interface ResponseObserver<Subject> {
  /** Whether {@link ended} may be wanted; asked before the costly part of the work. */
  isWanted(subject: Subject): boolean
  /**
   * Called once for each response: before the last byte of it is handed to the connection, or when
   * the connection closed before that.
   *
   * @param subject - What the response was watched for.
   * @param complete - Whether the whole response is being handed over.
   * @param challenge - The `WWW-Authenticate` field of a refusal, however it was given.
   */
  ended(subject: Subject, complete: boolean, challenge: unknown): void
  readonly onFault: FaultHandler
}

/** From here on a status is a failure, whose challenge says why. */
const FIRST_FAILURE = 400

/**
 * Knows when the last byte of one response is about to go. None of its methods throws. Only the
 * wrapped methods of that response touch it.
 */
export class ResponseWatch<Subject = unknown> {
  /** Whether the observer has been told. */
  done = false
  readonly #response: ServerResponse
  readonly #observer: ResponseObserver<Subject>
  readonly #subject: Subject
  #expected: 'nothing' | 'last byte' | 'flush' = 'nothing'
  #writtenBytes = 0
  /** Fields of `writeHead`, which `getHeader` does not always know. */
  #challenge: unknown
  #contentLength: number | undefined

  constructor(response: ServerResponse, observer: ResponseObserver<Subject>, subject: Subject) {
    this.#response = response
    this.#observer = observer
    this.#subject = subject
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
      if (this.#expected === 'last byte') this.#tell(true)
      else if (this.#expected === 'flush' && this.#endsWithHeader()) this.#tell(true)
    } catch (error) {
      reportFault(this.#observer.onFault, 'response.writeHead', error)
    }
  }

  /** Whether this chunk completes the announced `Content-Length`. Counts it. */
  isLastWrite(chunk: unknown, encoding: unknown): boolean {
    try {
      if (!this.#isWanted()) return false
      const announced = this.#announcedLength()
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
    if (!this.#isWanted()) return
    this.#contentLength = toContentLength(findWrittenHeader(headers, 'content-length'))
    if (this.#response.statusCode < FIRST_FAILURE) return
    this.#challenge = findWrittenHeader(headers, 'www-authenticate')
  }

  #endsWithHeader(): boolean {
    return isBodiless(this.#response) || this.#announcedLength() === 0
  }

  #announcedLength(): number | undefined {
    return this.#contentLength ?? toContentLength(this.#response.getHeader('content-length'))
  }

  #isWanted(): boolean {
    return this.#observer.isWanted(this.#subject)
  }

  #tell(complete: boolean): void {
    if (this.done) return
    this.done = true
    try {
      if (this.#isWanted()) this.#observer.ended(this.#subject, complete, this.#findChallenge())
    } catch (error) {
      reportFault(this.#observer.onFault, 'response.end', error)
    }
  }

  #findChallenge(): unknown {
    if (this.#response.statusCode < FIRST_FAILURE) return undefined
    return this.#challenge ?? this.#response.getHeader('www-authenticate')
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
