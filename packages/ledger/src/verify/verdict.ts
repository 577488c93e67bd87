/** What can be wrong with an export, the gravest first: the first that holds is the verdict. */
export const FINDING_VERDICTS = [
  'FORK',
  'UNKNOWN_KEY',
  'EXPIRED_KEY',
  'ALTERED',
  'FORGED_DUP',
  'INSERTED',
  'MISSING',
  'MISSING_CHECKPOINT',
  'MISSING_LOG',
  'PROJECTION_DIFFERS',
  'UNSEALED_END',
] as const

/** A kind of finding. */
export type FindingVerdict = (typeof FINDING_VERDICTS)[number]

/** The one result of a verification; `NO_RECORDS` when the export holds none. */
export type Verdict = FindingVerdict | 'VALID_SEALED' | 'VALID_UNTIL' | 'NO_RECORDS'

/** Exit code of a program that reports a verdict. Codes never change. */
export const EXIT_CODES: { readonly [verdict in Verdict]: number } = Object.freeze({
  VALID_SEALED: 0,
  VALID_UNTIL: 0,
  NO_RECORDS: 1,
  UNSEALED_END: 10,
  MISSING: 20,
  ALTERED: 21,
  FORGED_DUP: 22,
  INSERTED: 23,
  FORK: 24,
  MISSING_CHECKPOINT: 25,
  PROJECTION_DIFFERS: 26,
  UNKNOWN_KEY: 27,
  EXPIRED_KEY: 27,
  MISSING_LOG: 28,
})
