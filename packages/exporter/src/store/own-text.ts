/** Names that only our records have; without a text as body such a record is no evidence. */
const OURS = /^(?:oauth|tokentrail)\./

/** The same in a canonical text, for a store that kept no event name. */
const OURS_IN_TEXT = /"type":"(?:oauth|tokentrail)\./

/** The beginning of what every text of ours holds, damaged or not. */
const PLACE_IN_TEXT = /"index":[0-9]{1,16},"log":"[^"\\]{1,1024}"/

/** Tells whether an event name is one of ours. */
export function isOurName(eventName: unknown): boolean {
  return typeof eventName === 'string' && OURS.test(eventName)
}

/**
 * Tells whether a text may be a record. One that was altered until it no longer looks like it is as
 * good as removed, and is missed as such.
 */
export function isOurText(text: string): boolean {
  return OURS_IN_TEXT.test(text)
}

/** Tells whether a line that is no JSON looks like the damaged text of a record. */
export function isDamagedText(line: string): boolean {
  return PLACE_IN_TEXT.test(line) && isOurText(line)
}
