/**
 * What a step of a pattern does; numbers, because a pattern is walked once for each record. All but
 * the first two have one operand: the slot of a value.
 */
export const STEP = {
  /** These bytes stand here. Operands: place and length in `spellings`. */
  spelled: 0,
  /** These stand here and are of the text. Operands: the same, and place and length in `texts`. */
  own: 1,
  /** A value of the text, of each form. */
  ownText: 2,
  ownName: 3,
  ownInteger: 4,
  ownDecimal: 5,
  ownList: 6,
  /** A value of the text again. */
  same: 7,
  sameList: 8,
  /** A string that means nothing. */
  any: 9,
  /** A string that comes before the text; and later, that it was this value of the text. */
  hold: 10,
  held: 11,
} as const

/**
 * How a log record of OTLP/JSON is spelled whose body is the text of a plain record: as a sequence
 * of bytes that stand there and of values that may be others. Whatever matches it is such a record
 * again, with other values.
 */
export interface RecordPattern {
  /** Steps with their operands, one behind the other. */
  readonly steps: Int32Array
  /** What stands in the line, and what of it stands in the text; each with room behind. */
  readonly spellings: DataView
  readonly texts: DataView
  /** Which values the log, its index and the second of the record are. */
  readonly logSlot: number
  readonly indexSlot: number
  readonly secondsSlot: number
  /** What stands beside the body, for who wants that too. */
  readonly copies: PatternCopies
}

/** Copies beside the text: those of its own values by slot. */
export interface PatternCopies {
  readonly eventName?: string
  readonly severityNumber?: number
  readonly severityText?: string
  readonly timeUnixNano?: number
  readonly traceId?: number
  readonly spanId?: number
}

/** Most values that the text of a pattern has. */
export const MAX_SLOTS = 128
