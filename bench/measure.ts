/** Middle of the values; the mean of the two middle ones of an even count. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** The middle of some values, and between what the middle half of them lies. */
export interface Spread {
  readonly middle: number
  readonly low: number
  readonly high: number
}

/** Median and quartiles. */
export function spreadOf(values: readonly number[]): Spread {
  return {
    middle: quantile(values, 0.5),
    low: quantile(values, 0.25),
    high: quantile(values, 0.75),
  }
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (sorted.length - 1) * share
  const below = sorted[Math.floor(at)] ?? Number.NaN
  const above = sorted[Math.ceil(at)] ?? Number.NaN
  return below + (above - below) * (at - Math.floor(at))
}

/**
 * CPU of the calling thread in nanoseconds. Other processes on the machine do not count, so that a
 * busy machine changes it less than it changes the time.
 */
export function threadCpuNanos(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) * 1000
}

/**
 * Runs contestants in alternating rounds, so that a drift of the machine meets all of them, and
 * returns the median CPU in nanoseconds per operation of each. The first round warms up.
 */
export function compareCpu<Name extends string>(
  contestants: Readonly<Record<Name, () => number>>,
  rounds: number,
): Record<Name, number> {
  const names = Object.keys(contestants) as Name[]
  const samples = new Map<Name, number[]>(names.map((name) => [name, []]))
  for (let round = 0; round <= rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const before = threadCpuNanos()
      const operations = contestants[name]()
      const perOperation = (threadCpuNanos() - before) / operations
      if (round > 0) samples.get(name)?.push(perOperation)
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(samples.get(name) ?? [])])) as Record<
    Name,
    number
  >
}
