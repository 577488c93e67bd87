import type { RequestFacts } from '@tokentrail/session'

/** Facts of a request that are being built. */
export type FactsInProgress = { -readonly [Name in keyof RequestFacts]: RequestFacts[Name] }
