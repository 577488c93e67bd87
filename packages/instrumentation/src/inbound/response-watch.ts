import { reportFault } from '../safe.ts'
import type { FaultHandler } from '../types.ts'
import {
  findWrittenHeader,
  isBodiless,
  isEventStream,
  toContentLength,
} from './response-headers.ts'
import type { ServedResponse } from './served.ts'

/**
 * How far a response had come when it was told of.
 *
 * - `complete`: the call that is being made hands over the last byte;
 * - `streaming`: its header is handed over, its end may be hours away;
 * - `aborted`: the connection closed before the end.
 */
export type ResponseProgress = 'complete' | 'streaming' | 'aborted'

/** What is told about responses; one observer serves all of them. */
export interface ResponseObserver<Subject> {
  /** Whether {@link ended} may be wanted; asked before the costly part of the work. */
  isWanted(subject: Subject): boolean
  /**
   * Called once for each response: before the last byte of it is handed to the connection; of a
   * stream before the first byte of its body, or while it runs; or when the connection closed
   * before any of that.
   *
   * @param subject - What the response was watched for.
   * @param challenge - The `WWW-Authenticate` field of a refusal, however it was given.
   */
  ended(subject: Subject, progress: ResponseProgress, challenge: unknown): void
  /** Called in place of {@link ended} where that is not wanted: nothing is asked of it any more. */
  passed(subject: Subject): void
  readonly onFault: FaultHandler
}

/** From here on a status is a failure, whose challenge says why. */
const FIRST_FAILURE = 400

/** How long a response may be on its way before it is told of as a stream (30 seconds). */
const STREAMING_AFTER_MILLIS = 30_000

/**
 * Knows when the last byte of one response is about to go. None of its methods throws. Only the
 * wrapped methods of that response, and its timer, touch it.
 */
export class ResponseWatch<Subject = unknown> {
  /** Whether the observer has been told. */
  done = false
  readonly #response: ServedResponse
  readonly #observer: ResponseObserver<Subject>
  readonly #subject: Subject
  readonly #method: string | undefined
  #expected: 'nothing' | 'last byte' | 'flush' | 'body' = 'nothing'
  #writtenBytes = 0
  /** Fields of `writeHead`, which `getHeader` does not always know. */
  #challenge: unknown
  #contentLength: number | undefined
  #contentType: unknown
  #timer: NodeJS.Timeout | undefined

  /** @param method - The request's. */
  constructor(
    response: ServedResponse,
    method: string | undefined,
    observer: ResponseObserver<Subject>,
    subject: Subject,
  ) {
    this.#response = response
    this.#method = method
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
    try {
      if (chunk && typeof chunk !== 'function' && byteLength(chunk, undefined) === undefined) return
      if (this.#response.headersSent) this.#tell('complete')
      else this.#expected = 'last byte'
    } catch (error) {
      reportFault(this.#observer.onFault, 'response.end', error)
    }
  }

  /** The call that follows hands over the header, which is all of a response without a body. */
  expectFlush(): void {
    try {
      if (this.#response.headersSent) this.#flushing()
      else this.#expected = 'flush'
    } catch (error) {
      reportFault(this.#observer.onFault, 'response.flushHeaders', error)
    }
  }

  /** The call that follows hands over a part of the body. Counts it. */
  expectWrite(chunk: unknown, encoding: unknown): void {
    try {
      if (!this.#isWanted()) return
      if (this.#isLastWrite(chunk, encoding)) this.expectLastByte(chunk)
      else if (this.#response.headersSent) this.#streamStarts()
      else this.#expected = 'body'
    } catch (error) {
      reportFault(this.#observer.onFault, 'response.write', error)
    }
  }

  /** `writeHead` accepted status and header; nothing has been handed to the connection yet. */
  headReady(headers: unknown): void {
    try {
      if (headers !== undefined && headers !== null) this.#keepFields(headers)
      if (this.#expected === 'last byte') this.#tell('complete')
      else if (this.#expected === 'flush') this.#flushing()
      else if (this.#expected === 'body') this.#streamStarts()
    } catch (error) {
      reportFault(this.#observer.onFault, 'response.writeHead', error)
    }
  }

  /** An HTTP/2 stream has its header; nothing has been handed to the connection yet. */
  streamResponded(): void {
    try {
      if (this.#isWanted()) this.#streamStarts()
    } catch (error) {
      reportFault(this.#observer.onFault, 'stream.respond', error)
    }
  }

  /** The call is over. Where `writeHead` was somebody else's, this is late but not never. */
  settle(returned: boolean): void {
    try {
      const expected = this.#expected
      this.#expected = 'nothing'
      if (returned && expected === 'last byte' && this.#response.headersSent) this.#tell('complete')
    } catch (error) {
      reportFault(this.#observer.onFault, 'response.end', error)
    }
  }

  /** The connection is gone; if nothing was told before, the response never finished. */
  closed(): void {
    try {
      this.#tell('aborted')
    } catch (error) {
      reportFault(this.#observer.onFault, 'response.close', error)
    }
  }

  #keepFields(headers: unknown): void {
    if (!this.#isWanted()) return
    this.#contentLength = toContentLength(findWrittenHeader(headers, 'content-length'))
    this.#contentType = findWrittenHeader(headers, 'content-type')
    if (this.#response.statusCode < FIRST_FAILURE) return
    this.#challenge = findWrittenHeader(headers, 'www-authenticate')
  }

  #flushing(): void {
    const whole = isBodiless(this.#method, this.#response.statusCode)
    if (whole || this.#announcedLength() === 0) this.#tell('complete')
    else if (this.#isWanted()) this.#streamStarts()
  }

  /** The header, or a part of the body, goes: of an event stream that is the moment to tell. */
  #streamStarts(): void {
    if (this.done || this.#timer !== undefined) return
    // A tunnel, e.g. a WebSocket over HTTP/2 (RFC 8441), is one from its first byte on.
    if (this.#method === 'CONNECT' || this.#isEventStream()) {
      this.#tell('streaming')
      return
    }
    this.#timer = setTimeout(() => this.#streamed(), STREAMING_AFTER_MILLIS)
    this.#timer.unref()
  }

  #streamed(): void {
    try {
      this.#tell('streaming')
    } catch (error) {
      reportFault(this.#observer.onFault, 'response.write', error)
    }
  }

  #isEventStream(): boolean {
    return isEventStream(this.#contentType ?? this.#response.getHeader('content-type'))
  }

  #isLastWrite(chunk: unknown, encoding: unknown): boolean {
    const announced = this.#announcedLength()
    if (announced === undefined) return false
    this.#writtenBytes += byteLength(chunk, encoding) ?? 0
    return this.#writtenBytes >= announced
  }

  #announcedLength(): number | undefined {
    return this.#contentLength ?? toContentLength(this.#response.getHeader('content-length'))
  }

  #isWanted(): boolean {
    return this.#observer.isWanted(this.#subject)
  }

  #tell(progress: ResponseProgress): void {
    if (this.done) return
    this.done = true
    if (this.#timer !== undefined) clearTimeout(this.#timer)
    try {
      if (this.#isWanted()) this.#observer.ended(this.#subject, progress, this.#findChallenge())
      else this.#observer.passed(this.#subject)
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
