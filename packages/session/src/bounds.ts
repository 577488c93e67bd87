/** Most bytes of a record's canonical text in UTF-8 (Splunk truncates at 10,000). */
export const MAX_RECORD_BYTES = 8_000

/** Most bytes of one string in UTF-8; what is longer is cut and named in `tokentrail.truncated`. */
export const MAX_STRING_BYTES = 1_024

/** Most elements of one array; what is longer is cut and named in `tokentrail.truncated`. */
export const MAX_ARRAY_ELEMENTS = 64

/** Most characters of an attribute or event name. */
export const MAX_NAME_LENGTH = 128

/** Names of attributes and events (semantic conventions, general/naming): always ASCII. */
export const NAME: RegExp = /^[a-z][a-z0-9]*(?:[._][a-z0-9]+)*$/

/** Nanoseconds since 1970, decimal: no sign, no leading zero, at most what 64 bits hold. */
export const UNIX_NANOS: RegExp = /^(?:0|[1-9][0-9]{0,19})$/

/** Most characters of a session key; our own have 22. */
export const MAX_SESSION_LENGTH = 256
