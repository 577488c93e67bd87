import type { RejectionReason } from '@tokentrail/semantic-conventions'

/** A rejection that is counted instead of recorded. */
export interface CountedRejection {
  /** Client address; undefined where none is recorded. */
  readonly source: string | undefined
  readonly reason: RejectionReason
  /** When it happened: nanoseconds since 1970 UTC, decimal. */
  readonly time: string
  readonly frameworks: readonly string[]
}

/** How many rejections one source got for one reason. */
export interface RejectionCount {
  /** Undefined for the sources beyond the bound, together. */
  readonly source: string | undefined
  readonly reason: RejectionReason
  readonly count: number
  /** Times of the first and the last of them. */
  readonly from: string
  readonly to: string
  /** Frameworks that any of them is evidence for, sorted. */
  readonly frameworks: readonly string[]
}

/** A bounded table of counts. Owned by one recorder. */
export interface RejectionCounts {
  readonly isEmpty: boolean
  /** Whether this source has a count for this reason already. */
  has(source: string | undefined, reason: RejectionReason): boolean
  add(rejection: CountedRejection): void
  /** Gives every count and starts anew. */
  drain(): readonly RejectionCount[]
}

type Writable<T> = { -readonly [Name in keyof T]: T[Name] }
type BySource = Map<RejectionReason, Writable<RejectionCount>>

/**
 * Creates the table. Sources beyond the bound share one count per reason: a flood from many
 * addresses stays counted, and costs no more memory than one from few.
 *
 * @param maxSources - Most sources that are counted one by one.
 */
export function createRejectionCounts(maxSources: number): RejectionCounts {
  let sources = new Map<string | undefined, BySource>()

  function rowOf(source: string | undefined): readonly [string | undefined, BySource] {
    const known = sources.get(source)
    if (known !== undefined) return [source, known]
    const named = sources.size - (sources.has(undefined) ? 1 : 0)
    const own = source !== undefined && named < maxSources ? source : undefined
    const row = sources.get(own) ?? new Map<RejectionReason, Writable<RejectionCount>>()
    sources.set(own, row)
    return [own, row]
  }

  return {
    get isEmpty() {
      return sources.size === 0
    },
    has: (source, reason) => sources.get(source)?.has(reason) === true,
    add({ frameworks, reason, source, time }) {
      const [own, row] = rowOf(source)
      const count = row.get(reason)
      if (count === undefined) {
        row.set(reason, { source: own, reason, count: 1, from: time, to: time, frameworks })
        return
      }
      count.count += 1
      count.to = time
      count.frameworks = join(count.frameworks, frameworks)
    },
    drain() {
      const counts = [...sources.values()].flatMap((row) => [...row.values()])
      sources = new Map()
      return counts
    },
  }
}

/** Almost always they are the same list. */
function join(some: readonly string[], others: readonly string[]): readonly string[] {
  if (some === others || others.every((each) => some.includes(each))) return some
  return [...new Set([...some, ...others])].sort()
}
