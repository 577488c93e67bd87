/** What became of a test. */
export type Outcome = 'passed' | 'failed' | 'skipped'

/** Outcomes by the full name of a test; several where tests share a name. */
export type Results = ReadonlyMap<string, readonly Outcome[]>

const RESULT = /^(?<indent> *)(?<not>not )?ok\b *\d* *(?:- )?(?<name>.*)$/
const SUBTEST = /^(?<indent> *)# Subtest: (?<name>.*)$/
const DIRECTIVE = /(?<!\\)# (?:skip|todo)\b.*$/i
/** What Vitest writes behind a name; the brace opens a list of tests. */
const DECORATION = /(?: # time=\S+)?(?<brace> \{)?$/
/** Columns, of Node and Vitest; others do not nest. */
const INDENT = 4
const SEPARATOR = ' > '

/**
 * Reads the Test Anything Protocol, versions 13 and 14, as Mocha, AVA, Node and Vitest write it.
 *
 * @returns Tests, and of the lists that contain them those that failed.
 */
export function parseTap(text: string): Results {
  const results = new Map<string, Outcome[]>()
  const lists = new Set<string>()
  const parents: string[] = []
  for (const line of text.split('\n')) {
    const subtest = SUBTEST.exec(line)?.groups
    if (subtest !== undefined) parents[depthOf(subtest)] = subtest['name'] ?? ''
    const result = RESULT.exec(line)?.groups
    if (result === undefined) continue
    const depth = depthOf(result)
    const { name, outcome, opens } = readResult(result)
    if (opens) parents[depth] = name
    lists.add(parents.slice(0, depth).join(SEPARATOR))
    const path = [...parents.slice(0, depth), name].join(SEPARATOR)
    results.set(path, [...(results.get(path) ?? []), outcome])
  }
  for (const list of lists) {
    if (results.get(list)?.every((outcome) => outcome !== 'failed') === true) results.delete(list)
  }
  return results
}

type Groups = Readonly<Record<string, string | undefined>>

function depthOf(groups: Groups): number {
  return Math.floor((groups['indent'] ?? '').length / INDENT)
}

function readResult(groups: Groups): { name: string; outcome: Outcome; opens: boolean } {
  const written = groups['name'] ?? ''
  const opens = DECORATION.exec(written)?.groups?.['brace'] !== undefined
  const undecorated = written.replace(DECORATION, '')
  const name = undecorated.replace(DIRECTIVE, '').trim()
  if (name !== undecorated.trim()) return { name, outcome: 'skipped', opens }
  return { name, outcome: groups['not'] === undefined ? 'passed' : 'failed', opens }
}
