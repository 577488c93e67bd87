import type { Outcome, Results } from './tap.ts'

/** A test that did not end the same way twice. */
export interface Difference {
  readonly test: string
  readonly bare: readonly Outcome[]
  readonly recorded: readonly Outcome[]
}

/** Tests whose outcomes differ, or that only one of the runs has. */
export function compareResults(bare: Results, recorded: Results): readonly Difference[] {
  const tests = new Set([...bare.keys(), ...recorded.keys()])
  return [...tests]
    .map((test) => ({
      test,
      bare: (bare.get(test) ?? []).toSorted(),
      recorded: (recorded.get(test) ?? []).toSorted(),
    }))
    .filter((pair) => pair.bare.join() !== pair.recorded.join())
}

/** How many tests ended that way. */
export function countOutcomes(results: Results, outcome: Outcome): number {
  return [...results.values()].flat().filter((one) => one === outcome).length
}
