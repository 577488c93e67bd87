/** Something that {@link JsonSplitter} found. */
export type JsonPiece =
  /** A whole value, as it stood but for line breaks. */
  | { readonly kind: 'value'; readonly bytes: Buffer; readonly line: number }
  /** Bytes between values that belong to none; told once a line. */
  | { readonly kind: 'junk'; readonly line: number }
  /** A value that is longer than the bound. */
  | { readonly kind: 'long'; readonly line: number }

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_BRACKET = 0x5b
const BACKSLASH = 0x5c
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
/** What may stand between values (RFC 8259 §2): tab, newline, return, space. */
const BLANKS: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0d, 0x20])

/** Longer names than `results` tell no wrapper. */
const MAX_NAME = 8
/** Lists within lists that are given out one by one; deeper ones are values. */
const MAX_LISTS = 4

/** A list whose elements are given out one by one, and what is known of the value around it. */
interface OpenList {
  /** Depth at which the list itself stands. */
  readonly depth: number
  /** What of the surrounding value came before; empty for a list of its own. */
  readonly prefix: readonly Buffer[]
  readonly names: readonly string[]
  readonly line: number
}

/**
 * Splits bytes into JSON values, however they are laid out: one to a line, several to a line, over
 * many lines. The elements of a list come one by one, and so do those of `hits.hits` (a search
 * response of Elasticsearch or OpenSearch) and of `results` (one of Splunk), with the response
 * itself, its list emptied, behind them: memory is bounded by one element. It does not check the
 * grammar; whoever parses a piece does. One owner.
 */
export class JsonSplitter {
  readonly #maxBytes: number
  #lists: OpenList[] = []
  #depth = 0
  #parts: Buffer[] = []
  #length = 0
  #line = 1
  #inString = false
  #escaped = false
  /** The last string, as far as it may be a member name, and names by depth below the value's own. */
  #name = ''
  #names: string[] = []
  #junkLine = 0
  #isOpen = false

  /** @param maxBytes - Longer values are told of and not given out. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Whether the bytes so far end in the middle of a value; a list between elements is none. */
  get isOpen(): boolean {
    return this.#isOpen
  }

  /** Whether they end inside a list. */
  get isInList(): boolean {
    return this.#lists.length > 0
  }

  /** Line at which the open value began. */
  get line(): number {
    return this.#line
  }

  /**
   * Takes the next bytes, without line breaks: a string has none, unless somebody broke the line.
   *
   * @param line - Number of the line that they stand on.
   */
  feed(bytes: Buffer, line: number): JsonPiece[] {
    const pieces: JsonPiece[] = []
    let start = 0
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at]!
      if (!this.#isOpen) {
        start = at
        this.#between(byte, line, pieces)
      } else if (this.#inString) {
        if (this.#string(byte)) start = this.#close(bytes, start, at, pieces)
      } else if (this.#structure(byte)) {
        start = this.#close(bytes, start, at, pieces)
      } else if (byte === OPEN_BRACKET && this.#isListOfWrapper()) {
        this.#collect(bytes.subarray(start, at + 1))
        this.#openList(this.#parts, this.#names)
      }
    }
    if (this.#isOpen) this.#collect(bytes.subarray(start))
    return pieces
  }

  /** Gives up the open value, not the list that it is in, and returns what it has of it. */
  giveUp(): Buffer {
    const bytes = Buffer.concat(this.#parts)
    this.#depth = this.#base()
    this.#forget()
    return bytes
  }

  #base(): number {
    const list = this.#lists.at(-1)
    return list === undefined ? 0 : list.depth + 1
  }

  #between(byte: number, line: number, pieces: JsonPiece[]): void {
    if (BLANKS.has(byte) || (byte === COMMA && this.#lists.length > 0)) return
    this.#line = line
    const isList = byte === OPEN_BRACKET
    if (byte === OPEN_BRACE || byte === QUOTE || (isList && this.#lists.length === MAX_LISTS)) {
      this.#isOpen = true
      this.#inString = byte === QUOTE
      if (byte !== QUOTE) this.#depth++
    } else if (isList) {
      this.#depth++
      this.#openList([], [])
    } else if (byte === CLOSE_BRACKET && this.#lists.length > 0) {
      this.#closeList()
    } else if (this.#junkLine !== line) {
      this.#junkLine = line
      pieces.push({ kind: 'junk', line })
    }
  }

  /** Goes on in a string; tells whether that ended a value that is a string. */
  #string(byte: number): boolean {
    if (this.#escaped) this.#escaped = false
    else if (byte === BACKSLASH) this.#escaped = true
    else if (byte === QUOTE) {
      this.#inString = false
      return this.#depth === this.#base()
    }
    if (this.#name.length < MAX_NAME) this.#name += String.fromCharCode(byte)
    return false
  }

  /** Goes on outside strings; tells whether that ended the value. */
  #structure(byte: number): boolean {
    if (byte === QUOTE) {
      this.#inString = true
      this.#name = ''
    } else if (byte === COLON) {
      const depth = this.#depth - this.#base()
      if (depth <= 2) this.#names[depth] = this.#name
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      this.#depth++
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      return --this.#depth === this.#base()
    }
    return false
  }

  /** Called behind the bracket, at the depth of the elements. */
  #isListOfWrapper(): boolean {
    if (this.#lists.length === MAX_LISTS) return false
    const depth = this.#depth - 1 - this.#base()
    if (depth === 1) return this.#names[1] === 'results'
    return depth === 2 && this.#names[1] === 'hits' && this.#names[2] === 'hits'
  }

  #openList(prefix: readonly Buffer[], names: readonly string[]): void {
    const depth = this.#depth - 1
    this.#lists.push({ depth, prefix, names: [...names], line: this.#line })
    this.#forget()
  }

  #closeList(): void {
    const { depth, prefix, names, line } = this.#lists.pop()!
    this.#depth = depth
    if (prefix.length === 0) return
    this.#isOpen = true
    this.#parts = [...prefix]
    this.#length = prefix.reduce((sum, part) => sum + part.length, 0)
    this.#names = [...names]
    this.#line = line
  }

  #close(bytes: Buffer, start: number, at: number, pieces: JsonPiece[]): number {
    this.#collect(bytes.subarray(start, at + 1))
    const line = this.#line
    if (this.#length > this.#maxBytes) pieces.push({ kind: 'long', line })
    else pieces.push({ kind: 'value', bytes: joined(this.#parts), line })
    this.#forget()
    return at + 1
  }

  #collect(bytes: Buffer): void {
    this.#length += bytes.length
    if (this.#length > this.#maxBytes) this.#parts = []
    else if (bytes.length > 0) this.#parts.push(bytes)
  }

  #forget(): void {
    this.#isOpen = false
    this.#inString = false
    this.#escaped = false
    this.#parts = []
    this.#length = 0
    this.#names = []
    this.#name = ''
  }
}

function joined(parts: readonly Buffer[]): Buffer {
  const [only] = parts
  return parts.length === 1 && only ? only : Buffer.concat(parts)
}
