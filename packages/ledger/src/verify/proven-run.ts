/** Leaf hashes that hash to a signed root. */
export interface ProvenRun {
  readonly start: number
  readonly end: number
  /** Hashes of `[start, end)`, concatenated. */
  readonly hashes: Uint8Array
}

/** Two validly signed roots that cannot both be of one log. */
export interface Fork {
  readonly index: number
  readonly otherIndex: number
}
