/**
 * Finds the known name that a mistyped one is nearest to, by Levenshtein distance.
 *
 * @param maxEdits - Most characters that may differ. Default is any number.
 * @returns `undefined` when no known name is that near. Of several, the first.
 */
export function findNearestName(
  name: string,
  known: readonly string[],
  maxEdits: number = Infinity,
): string | undefined {
  const ranked = known.map((candidate) => ({ candidate, edits: editDistance(name, candidate) }))
  const nearest = ranked.sort((one, other) => one.edits - other.edits)[0]
  return nearest !== undefined && nearest.edits <= maxEdits ? nearest.candidate : undefined
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
