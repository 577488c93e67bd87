import { isDecimal } from './decimal.ts'
import { MAX_RECORD_BYTES, type RecordHead } from './record-text.ts'

/** Bounds of a member's value in the text. */
interface Span {
  start: number
  end: number
}

const MAX_DEPTH = 16
/** An integer of so many digits is safe whatever they are. */
const MAX_DIGITS = 15

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_BRACKET = 0x5b
const BACKSLASH = 0x5c
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const ZERO = 0x30
const NINE = 0x39

/**
 * Reads canonical records (RFC 8785) without building them: one pass over the characters, about a
 * third of what `JSON.parse`, `JSON.stringify` and a comparison cost. It says yes only to what is
 * surely canonical and a record; anything out of the ordinary (an escape, a fraction) is left to
 * the slow way, and so is what is not ASCII. One scanner per reader: it keeps its place in itself.
 */
export class CanonicalScanner {
  readonly #encoder = new TextEncoder()
  /** The text in ASCII, and zeros behind it. */
  readonly #bytes = new Uint8Array(MAX_RECORD_BYTES + 1)
  #text = ''
  #at = 0
  readonly #v: Span = { start: 0, end: 0 }
  readonly #log: Span = { start: 0, end: 0 }
  readonly #index: Span = { start: 0, end: 0 }
  readonly #type: Span = { start: 0, end: 0 }
  readonly #time: Span = { start: 0, end: 0 }
  readonly #observed: Span = { start: 0, end: 0 }
  readonly #session: Span = { start: 0, end: 0 }
  readonly #trace: Span = { start: 0, end: 0 }
  readonly #span: Span = { start: 0, end: 0 }
  readonly #attributes: Span = { start: 0, end: 0 }
  readonly #leaves: Span = { start: 0, end: 0 }

  /** Reads a body; `undefined` when it is not plainly the canonical text of a record. */
  scan(text: string): RecordHead | undefined {
    const { length } = text
    if (length > MAX_RECORD_BYTES) return undefined
    // Bytes are scanned twice as fast as characters, and of ASCII they stand at the same places.
    if (this.#encoder.encodeInto(text, this.#bytes).written !== length) return undefined
    this.#bytes[length] = 0
    this.#text = text
    this.#at = 0
    this.#forget()
    if (!this.#object(0) || this.#at !== length) return undefined
    if (this.#slice(this.#v) !== '1') return undefined
    const log = this.#stringOf(this.#log)
    const type = this.#stringOf(this.#type)
    const time = this.#stringOf(this.#time)
    if (log === undefined || type === undefined || time === undefined) return undefined
    if (log === '' || type === '' || !isDecimal(time) || !this.#isInteger(this.#index)) {
      return undefined
    }
    const observed = this.#stringOf(this.#observed)
    if (this.#observed.end > 0 && (observed === undefined || !isDecimal(observed))) return undefined
    return {
      log,
      index: Number(this.#slice(this.#index)),
      type,
      time,
      observed,
      session: this.#stringOf(this.#session),
      trace: this.#stringOf(this.#trace),
      span: this.#stringOf(this.#span),
      attributesAt: this.#isObject(this.#attributes) ? this.#attributes.start + 1 : 0,
      hasLeaves: this.#leaves.end > 0,
    }
  }

  #forget(): void {
    this.#v.end = 0
    this.#log.end = 0
    this.#index.end = 0
    this.#type.end = 0
    this.#time.end = 0
    this.#observed.end = 0
    this.#session.end = 0
    this.#trace.end = 0
    this.#span.end = 0
    this.#attributes.end = 0
    this.#leaves.end = 0
  }

  #slice({ start, end }: Span): string {
    return end === 0 ? '' : this.#text.slice(start, end)
  }

  /** The content of a string value. */
  #stringOf({ start, end }: Span): string | undefined {
    if (end === 0 || this.#bytes[start] !== QUOTE) return undefined
    return this.#text.slice(start + 1, end - 1)
  }

  #isInteger({ start, end }: Span): boolean {
    const first = this.#bytes[start]!
    return end > 0 && first >= ZERO && first <= NINE
  }

  #isObject({ start, end }: Span): boolean {
    return end > 0 && this.#bytes[start] === OPEN_BRACE
  }

  #object(depth: number): boolean {
    const bytes = this.#bytes
    if (depth > MAX_DEPTH || bytes[this.#at++] !== OPEN_BRACE) return false
    if (bytes[this.#at] === CLOSE_BRACE) return ++this.#at > 0
    let previous = -1
    for (;;) {
      const name = this.#at
      if (!this.#string() || (previous >= 0 && !this.#isAbove(previous, name))) return false
      previous = name
      const nameEnd = this.#at - 1
      if (bytes[this.#at++] !== COLON) return false
      const start = this.#at
      if (!this.#value(depth + 1)) return false
      if (depth === 0) this.#note(name + 1, nameEnd, start)
      const next = bytes[this.#at++]!
      if (next === CLOSE_BRACE) return true
      if (next !== COMMA) return false
    }
  }

  #array(depth: number): boolean {
    const bytes = this.#bytes
    if (depth > MAX_DEPTH) return false
    if (bytes[++this.#at] === CLOSE_BRACKET) return ++this.#at > 0
    for (;;) {
      if (!this.#value(depth + 1)) return false
      const next = bytes[this.#at++]!
      if (next === CLOSE_BRACKET) return true
      if (next !== COMMA) return false
    }
  }

  #value(depth: number): boolean {
    const first = this.#bytes[this.#at]!
    if (first === QUOTE) return this.#string()
    if (first === OPEN_BRACE) return this.#object(depth)
    if (first === OPEN_BRACKET) return this.#array(depth)
    if (first >= ZERO && first <= NINE) return this.#integer(first)
    return this.#literal('true') || this.#literal('false') || this.#literal('null')
  }

  #literal(word: string): boolean {
    if (!this.#text.startsWith(word, this.#at)) return false
    this.#at += word.length
    return true
  }

  #integer(first: number): boolean {
    const start = this.#at
    let code = first
    while (code >= ZERO && code <= NINE) code = this.#bytes[++this.#at]!
    const digits = this.#at - start
    return digits === 1 || (first !== ZERO && digits <= MAX_DIGITS)
  }

  /** A string that needs no escape and has none. */
  #string(): boolean {
    const bytes = this.#bytes
    let at = this.#at
    if (bytes[at] !== QUOTE) return false
    for (;;) {
      const code = bytes[++at]!
      if (code === QUOTE) {
        this.#at = at + 1
        return true
      }
      if (code < 0x20 || code === BACKSLASH) return false
    }
  }

  /** Does the name that begins at `b` sort behind the one at `a`? */
  #isAbove(a: number, b: number): boolean {
    const bytes = this.#bytes
    for (let i = 1; ; i++) {
      const left = bytes[a + i]!
      const right = bytes[b + i]!
      if (left === right && left !== QUOTE) continue
      if (left === QUOTE) return right !== QUOTE
      return right !== QUOTE && left < right
    }
  }

  #note(name: number, nameEnd: number, start: number): void {
    const span = this.#spanOf(name, nameEnd - name)
    if (span === undefined) return
    span.start = start
    span.end = this.#at
  }

  #spanOf(name: number, length: number): Span | undefined {
    const text = this.#text
    switch (length) {
      case 1:
        return text.startsWith('v', name) ? this.#v : undefined
      case 3:
        return text.startsWith('log', name) ? this.#log : undefined
      case 4:
        if (text.startsWith('time', name)) return this.#time
        if (text.startsWith('type', name)) return this.#type
        return text.startsWith('span', name) ? this.#span : undefined
      case 5:
        if (text.startsWith('index', name)) return this.#index
        return text.startsWith('trace', name) ? this.#trace : undefined
      case 6:
        return text.startsWith('leaves', name) ? this.#leaves : undefined
      case 7:
        return text.startsWith('session', name) ? this.#session : undefined
      case 8:
        return text.startsWith('observed', name) ? this.#observed : undefined
      case 10:
        return text.startsWith('attributes', name) ? this.#attributes : undefined
      default:
        return undefined
    }
  }
}
