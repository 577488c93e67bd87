/**
 * Whether a version is in a range of the form in which libraries state them, `>=1.7.0 <2`.
 * Prereleases count as the release that they precede.
 */
export function isInRange(version: string, range: string): boolean {
  const parts = toParts(version)
  return range.split(' ').every((bound) => {
    const order = compare(parts, toParts(bound.replace(/^\D+/, '')))
    return bound.startsWith('<') ? order < 0 : order >= 0
  })
}

function toParts(version: string): readonly number[] {
  return (version.split('-', 1)[0] ?? '').split('.').map(Number)
}

function compare(one: readonly number[], other: readonly number[]): number {
  for (const index of [0, 1, 2]) {
    const difference = (one[index] ?? 0) - (other[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
