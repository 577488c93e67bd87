/** States of a request that a thread makes for another one. */
const WAITING = 0
export const ANSWERED = 1
export const FAILED = 2

/** Most bytes of a certificate or of a reason. */
const MAX_TEXT_BYTES = 8_192
const HEAD_BYTES = 8

/**
 * The place where the registry thread leaves what it was told, so that the recording thread can
 * wait for it without an event loop: a state and a length (`int32`), then the text.
 *
 * Written once by the registry thread, read by the recording thread after the state has changed.
 */
export class SharedAnswer {
  readonly buffer: SharedArrayBuffer
  readonly #head: Int32Array<SharedArrayBuffer>
  readonly #text: Uint8Array<SharedArrayBuffer>

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(HEAD_BYTES + MAX_TEXT_BYTES)) {
    this.buffer = buffer
    this.#head = new Int32Array(buffer, 0, 2)
    this.#text = new Uint8Array(buffer, HEAD_BYTES)
  }

  /** 0 while it is waited for; {@link ANSWERED}; {@link FAILED}, of an attempt that others follow. */
  get state(): number {
    return Atomics.load(this.#head, 0)
  }

  get text(): string {
    const length = Atomics.load(this.#head, 1)
    return Buffer.from(this.#text.slice(0, length)).toString('utf8')
  }

  put(state: number, text: string): void {
    const bytes = Buffer.from(text).subarray(0, MAX_TEXT_BYTES)
    this.#text.set(bytes)
    Atomics.store(this.#head, 1, bytes.length)
    Atomics.store(this.#head, 0, state)
    Atomics.notify(this.#head, 0)
  }

  /** Blocks until something was put, or the time is over. */
  wait(timeoutMillis: number): void {
    Atomics.wait(this.#head, 0, WAITING, timeoutMillis)
  }
}
