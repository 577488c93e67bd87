import { type ExportedRecord, readPlainRecord } from '@tokentrail/ledger/shard'
import { learnPattern } from './learn-pattern.ts'
import { PatternMatcher } from './pattern-matcher.ts'
import type { RecordPattern } from './record-pattern.ts'

/** Patterns that are kept; a service has a few for each of its events. */
const MAX_PATTERNS = 64
/** Records that are learned from at once; of more, which have no pattern or too many, only some. */
const MAX_MISSES = 1_000
const TRIED_OF_MANY = 64

/** The patterns that were learned so far, those first that matched last. One owner. */
export class PatternShelf {
  readonly matcher: PatternMatcher = new PatternMatcher()
  readonly #patterns: RecordPattern[] = []
  #misses = 0
  /** Where the record ends that matched. */
  #end = 0

  /** Where the record ends that {@link match} was right about. */
  get end(): number {
    return this.#end
  }

  /** The pattern of the record that begins at `at` in the line that the matcher looks at. */
  match(at: number): RecordPattern | undefined {
    const patterns = this.#patterns
    for (let i = 0; i < patterns.length; i++) {
      const pattern = patterns[i]!
      this.#end = this.matcher.match(pattern, at)
      if (this.#end < 0) continue
      if (i > 0) {
        patterns.copyWithin(1, 0, i)
        patterns[0] = pattern
      }
      return pattern
    }
    return undefined
  }

  /**
   * Learns from a record that no pattern matched, if it is a plain one and is spelled as usual.
   *
   * @param end - Where it ends in the line.
   * @param record - The log record, parsed.
   * @param exported - The same, as the verifier gets it.
   */
  learn(
    at: number,
    end: number,
    record: { readonly [name: string]: unknown },
    exported: ExportedRecord,
  ): void {
    if (++this.#misses > MAX_MISSES && this.#misses % TRIED_OF_MANY !== 0) return
    const members = readPlainRecord(exported)
    const pattern = members && learnPattern(record, members)
    if (pattern === undefined || this.matcher.match(pattern, at) !== end) return
    if (this.#patterns.unshift(pattern) > MAX_PATTERNS) this.#patterns.pop()
  }
}
