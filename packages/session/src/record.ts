import type { IdentityKind } from '@tokentrail/semantic-conventions'

/** A value that may stand in a record: everything that RFC 8785 (JCS) can write without loss. */
export type RecordValue =
  | string
  | number
  | boolean
  | null
  | readonly RecordValue[]
  | { readonly [name: string]: RecordValue }

/** A value that may stand in a record's `attributes`, and so on an OTLP log record. */
export type AttributeValue = string | number | boolean | readonly string[]

/** Attributes under the names of the semantic conventions registry. */
export type Attributes = { readonly [name: string]: AttributeValue }

/**
 * One immutable fact, before the log gives it an index. The log adds `v`, `log` and `index` and
 * writes the whole as one canonical text (RFC 8785); that text is the evidence.
 */
export interface RecordDraft {
  /** Full event name, e.g. `oauth.request`; the OTLP EventName. */
  readonly type: string
  /** When it happened: nanoseconds since 1970 UTC, decimal. */
  readonly time: string
  /** When it was learned, only if later than {@link time} or from elsewhere. Same format. */
  readonly observed?: string
  /** Session key; `oauth.session.id` in the OTLP projection. */
  readonly session?: string
  /** W3C trace id, 32 lower-case hex digits. */
  readonly trace?: string
  /** W3C span id, 16 lower-case hex digits. */
  readonly span?: string
  readonly attributes?: Attributes
  /**
   * Members of their own that recorder events (`tokentrail.*`) carry beside `attributes`, e.g.
   * `certificate`. None may be named like a member above, nor `v`, `log` or `index`.
   */
  readonly members?: { readonly [name: string]: RecordValue }
}

/**
 * The clear value behind a pseudonym. It travels once per pseudonym and log, on its own route, and
 * is no leaf of the tree, so that it can be erased while every proof still holds.
 */
export interface Identity {
  readonly kind: IdentityKind
  /** Issuer that the value belongs to; empty for `address` and `user_agent`. */
  readonly issuer: string
  readonly pseudonym: string
  readonly value: string
}
