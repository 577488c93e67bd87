import { parseArgs } from 'node:util'

/** What a harness found: the figures of its last line, and everything that broke a promise. */
export interface Outcome {
  readonly figures: string
  readonly problems: readonly string[]
}

/**
 * Reads `--name value` pairs of numbers from the command line.
 *
 * @param defaults - Every name that is known, with its default.
 */
export function readNumbers<Name extends string>(
  defaults: Readonly<Record<Name, number>>,
): Record<Name, number> {
  const names = Object.keys(defaults) as Name[]
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]))
  const { values } = parseArgs({ options })
  const numberOf = (name: Name): number => {
    const text = values[name]
    const number = text === undefined ? defaults[name] : Number(text)
    if (!Number.isFinite(number)) throw new TypeError(`"--${name}" must be a number`)
    return number
  }
  return Object.fromEntries(names.map((name) => [name, numberOf(name)])) as Record<Name, number>
}

/** Prints what came out; the exit code is 1 when a promise was broken. */
export async function runLongForm(work: () => Promise<Outcome>): Promise<void> {
  const began = Date.now()
  const { figures, problems } = await work()
  for (const problem of problems.slice(0, 50)) console.log(`  ${problem}`)
  const seconds = Math.round((Date.now() - began) / 1000)
  console.log(`${figures}, ${problems.length} problems, ${seconds} s`)
  process.exitCode = problems.length === 0 ? 0 : 1
}
