import { SETTINGS } from './settings-table.ts'

const PREFIX = 'TOKENTRAIL_'

/** Variables of the collector, the viewer and the tools, which may share an environment with us. */
const OTHERS = /^TOKENTRAIL_(?:COLLECTOR|VIEWER|EXPORT|OTLP|CHROMIUM|DOCTOR)(?:_|$)/

/**
 * Finds variables that look like settings and are none: a misspelt one would silently leave a
 * default in force.
 *
 * @returns One sentence for each, with the known name that is nearest.
 */
export function findUnknownVariables(
  env: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const known = SETTINGS.flatMap(({ variables }) => variables).filter((name) =>
    name.startsWith(PREFIX),
  )
  return Object.keys(env)
    .filter((name) => name.startsWith(PREFIX) && !known.includes(name) && !OTHERS.test(name))
    .map((name) => `${name} is not a setting. Did you mean ${findNearest(name, known)}?`)
}

function findNearest(name: string, known: readonly string[]): string {
  const byDistance = known.map((candidate) => [editDistance(name, candidate), candidate] as const)
  return byDistance.sort(([one], [other]) => one - other)[0]?.[1] ?? ''
}

/** Levenshtein distance: single-character insertions, deletions and substitutions. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i]
    for (let j = 1; j <= to.length; j += 1) {
      const substituted = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1)
      next.push(Math.min(substituted, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}
