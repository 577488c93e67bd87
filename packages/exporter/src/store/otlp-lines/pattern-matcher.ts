import { MAX_RECORD_BYTES } from '@tokentrail/ledger/shard'
import { MAX_SLOTS, STEP, type RecordPattern } from './record-pattern.ts'
import { WORD, copy, isSame, toDataView, toView } from './word-view.ts'

const QUOTE = 0x22
const COMMA = 0x2c
const ZERO = 0x30
const BACKSLASH = 0x5c
const CLOSE_BRACKET = 0x5d

const MAX_INTEGER_DIGITS = 15
const MAX_DECIMAL_DIGITS = 20
/** Digits of a time in nanoseconds that are less than a second. */
const NANO_DIGITS = 9

/** One for each byte that stands for itself in a JSON string: printable ASCII but `"` and `\`. */
const PLAIN = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte < 0x7f && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0,
)

/** How an element of a list stands beside the text. */
const ELEMENT = '{"stringValue":"'
const ELEMENT_END = '"}'
const ELEMENT_VIEW = toView(ELEMENT)
const ELEMENT_END_VIEW = toView(ELEMENT_END)

/**
 * Compares records with patterns, and has the text of the one that matched. One owner; what it has
 * is of the last match.
 */
export class PatternMatcher {
  /** The prefix of a leaf, and the text. */
  readonly #bytes: Buffer = Buffer.alloc(1 + MAX_RECORD_BYTES + WORD)
  readonly #view = toDataView(this.#bytes)
  /** Where the text ends in them. */
  #end = 0
  /** Views of them by length: making one for each record takes as long as a hash. */
  readonly #prefixed: Uint8Array[] = []
  readonly #starts = new Int32Array(MAX_SLOTS)
  readonly #ends = new Int32Array(MAX_SLOTS)
  /** Where strings stand in the line that came before the text. */
  readonly #heldStarts = new Int32Array(MAX_SLOTS)
  readonly #heldEnds = new Int32Array(MAX_SLOTS)
  #line: Uint8Array = this.#bytes
  #lineView = this.#view
  #log = ''
  #logLength = 0
  readonly #logBytes = toDataView(Buffer.alloc(MAX_RECORD_BYTES + WORD))

  /** The last line that was looked at stays so until another one is begun. */
  begin(line: Buffer): void {
    this.#line = line
    this.#lineView = toDataView(line)
  }

  /** Where the record ends that begins at `from`, if it matches; else -1. */
  match(pattern: RecordPattern, from: number): number {
    const { steps, spellings, texts } = pattern
    const lineView = this.#lineView
    const limit = lineView.byteLength
    this.#end = 1
    let at = from
    for (let i = 0; i < steps.length;) {
      const step = steps[i]!
      if (step > STEP.own) {
        at = this.#value(step, steps[i + 1]!, at)
        if (at < 0) return -1
        i += 2
        continue
      }
      const length = steps[i + 2]!
      if (at + length > limit || !isSame(spellings, steps[i + 1]!, lineView, at, length)) return -1
      at += length
      i += 3
      if (step === STEP.spelled) continue
      if (!this.#write(texts, steps[i]!, steps[i + 1]!)) return -1
      i += 2
    }
    return this.#end - 1 <= MAX_RECORD_BYTES ? at : -1
  }

  /** The prefix of a leaf, and the text: valid until the next match. */
  prefixedText(): Uint8Array {
    return (this.#prefixed[this.#end] ??= this.#bytes.subarray(0, this.#end))
  }

  text(): string {
    return this.#bytes.toString('latin1', 1, this.#end)
  }

  /** The value of a slot. */
  valueOf(slot: number): string {
    return this.#bytes.toString('latin1', this.#starts[slot], this.#ends[slot])
  }

  /** The log of the record; that of the last one if it is the same. */
  logOf({ logSlot }: RecordPattern): string {
    const start = this.#starts[logSlot]!
    const length = this.#ends[logSlot]! - start
    if (length !== this.#logLength || !isSame(this.#logBytes, 0, this.#view, start, length)) {
      this.#log = this.valueOf(logSlot)
      this.#logLength = length
      copy(this.#view, start, this.#logBytes, 0, length)
    }
    return this.#log
  }

  indexOf({ indexSlot }: RecordPattern): number {
    return this.#number(this.#starts[indexSlot]!, this.#ends[indexSlot]!)
  }

  /** POSIX seconds at which the record was made. */
  secondsOf({ secondsSlot }: RecordPattern): number {
    return this.#number(this.#starts[secondsSlot]!, this.#ends[secondsSlot]! - NANO_DIGITS)
  }

  #number(start: number, end: number): number {
    let value = 0
    for (let i = start; i < end; i++) value = value * 10 + (this.#bytes[i]! - ZERO)
    return value
  }

  #write(bytes: DataView, start: number, length: number): boolean {
    const end = this.#end + length
    if (end > MAX_RECORD_BYTES + 1) return false
    copy(bytes, start, this.#view, this.#end, length)
    this.#end = end
    return true
  }

  /** Where a value ends, or -1 if it is not what the step wants. */
  #value(step: number, slot: number, at: number): number {
    switch (step) {
      case STEP.same:
        return this.#pass(this.#view, this.#starts[slot]!, this.#ends[slot]!, at)
      case STEP.ownText:
        return this.#takePlain(slot, at)
      case STEP.ownName: {
        const end = this.#takePlain(slot, at)
        return end > at ? end : -1
      }
      case STEP.ownInteger:
        return this.#takeDigits(slot, at, MAX_INTEGER_DIGITS)
      case STEP.ownDecimal:
        return this.#takeDigits(slot, at, MAX_DECIMAL_DIGITS)
      case STEP.ownList:
        return this.#takeList(slot, at)
      case STEP.sameList:
        return this.#passList(slot, at)
      case STEP.hold:
        this.#heldStarts[slot] = at
        return (this.#heldEnds[slot] = this.#skipPlain(at))
      case STEP.held:
        return this.#isHeld(slot) ? at : -1
      default:
        return this.#skipPlain(at)
    }
  }

  /** Takes what needs no escape into the text; where that ends is what the next step looks at. */
  #takePlain(slot: number, from: number): number {
    const line = this.#line
    const bytes = this.#bytes
    let at = from
    let end = this.#end
    this.#starts[slot] = end
    const stop = Math.min(line.length, at + MAX_RECORD_BYTES + 1 - end)
    while (at < stop) {
      const byte = line[at]!
      if (PLAIN[byte] === 0) break
      bytes[end++] = byte
      at++
    }
    this.#end = end
    this.#ends[slot] = end
    return at
  }

  /** Takes a number without superfluous zeros. */
  #takeDigits(slot: number, from: number, most: number): number {
    const line = this.#line
    const bytes = this.#bytes
    let at = from
    let end = this.#end
    this.#starts[slot] = end
    const stop = Math.min(line.length, at + most, at + MAX_RECORD_BYTES + 1 - end)
    while (at < stop) {
      const byte = line[at]!
      if (byte < ZERO || byte > ZERO + 9) break
      bytes[end++] = byte
      at++
    }
    this.#end = end
    this.#ends[slot] = end
    const isLoose = at > from + 1 && line[from] === ZERO
    return at === from || isLoose ? -1 : at
  }

  /** Takes `\"a\",\"b\"` up to the bracket behind it. */
  #takeList(slot: number, from: number): number {
    const line = this.#line
    const start = this.#end
    let at = from
    for (;;) {
      if (line[at] !== BACKSLASH || line[at + 1] !== QUOTE || !this.#put(QUOTE)) return -1
      at = this.#takePlain(slot, at + 2)
      if (line[at] !== BACKSLASH || line[at + 1] !== QUOTE || !this.#put(QUOTE)) return -1
      at += 2
      if (line[at] === CLOSE_BRACKET) break
      if (line[at] !== COMMA || !this.#put(COMMA)) return -1
      at++
    }
    this.#starts[slot] = start
    this.#ends[slot] = this.#end
    return at
  }

  #put(byte: number): boolean {
    if (this.#end > MAX_RECORD_BYTES) return false
    this.#bytes[this.#end++] = byte
    return true
  }

  #skipPlain(from: number): number {
    const line = this.#line
    let at = from
    while (at < line.length && PLAIN[line[at]!] === 1) at++
    return at
  }

  /** Passes over bytes that must stand in the line at `at`. */
  #pass(bytes: DataView, start: number, end: number, at: number): number {
    const length = end - start
    const view = this.#lineView
    return at + length <= view.byteLength && isSame(bytes, start, view, at, length)
      ? at + length
      : -1
  }

  /** Compares `"a","b"` of the text with `{"stringValue":"a"},{"stringValue":"b"}`. */
  #passList(slot: number, from: number): number {
    const bytes = this.#bytes
    const end = this.#ends[slot]!
    let at = from
    for (let i = this.#starts[slot]!; i < end; i++) {
      const start = ++i
      while (bytes[i] !== QUOTE) i++
      at = this.#pass(ELEMENT_VIEW, 0, ELEMENT.length, at)
      if (at >= 0) at = this.#pass(this.#view, start, i, at)
      if (at >= 0) at = this.#pass(ELEMENT_END_VIEW, 0, ELEMENT_END.length, at)
      i++
      if (at < 0 || (i < end && this.#line[at++] !== COMMA)) return -1
    }
    return at
  }

  #isHeld(slot: number): boolean {
    const start = this.#starts[slot]!
    const length = this.#ends[slot]! - start
    const held = this.#heldStarts[slot]!
    return (
      this.#heldEnds[slot]! - held === length &&
      isSame(this.#view, start, this.#lineView, held, length)
    )
  }
}
