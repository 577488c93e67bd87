import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'
import { CliError } from './errors.ts'

/** Flags as they were given: a boolean, or every value of a flag that takes one. */
export type Flags = Readonly<Record<string, boolean | readonly string[] | undefined>>

/** A command line after its command's name. */
export interface ParsedArgs {
  readonly flags: Flags
  readonly positionals: readonly string[]
}

/** Names of the flags that a command takes. */
export interface FlagNames {
  readonly booleans: readonly string[]
  /** Flags that take a value and may be repeated. */
  readonly values: readonly string[]
}

const distance = (left: string, right: string): number => {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (const [i, a] of Array.from(left).entries()) {
    const next = [i + 1]
    for (const [j, b] of Array.from(right).entries()) {
      next.push(
        Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (a === b ? 0 : 1)),
      )
    }
    row = next
  }
  return row[right.length] ?? 0
}

/** The known name that is nearest to a mistyped one, if any is near. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((candidate) => ({ candidate, edits: distance(name, candidate) }))
    .toSorted((left, right) => left.edits - right.edits)
  const best = ranked[0]
  return best !== undefined && best.edits <= 2 ? best.candidate : undefined
}

function unknownFlag(flag: string, names: FlagNames): CliError {
  const known = nearest(flag, [...names.booleans, ...names.values])
  const hint = known === undefined ? '' : `; did you mean --${known}?`
  return new CliError('ERR_CLI_USAGE', `unknown option --${flag}${hint}`)
}

/** A flag that takes a value may be followed by `-` (standard input), which parseArgs refuses. */
const joinDash = (args: readonly string[], names: FlagNames): string[] => {
  const joined: string[] = []
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? ''
    const next = args[index + 1]
    const takesValue = arg.startsWith('--') && names.values.includes(arg.slice(2))
    if (arg === '--') return [...joined, ...args.slice(index)]
    if (takesValue && next !== undefined && (next === '-' || !next.startsWith('--'))) {
      joined.push(`${arg}=${next}`)
      index += 1
    } else joined.push(arg)
  }
  return joined
}

/**
 * Parses a command's arguments; everything after `--` is positional.
 *
 * @throws {CliError} `ERR_CLI_USAGE` naming an unknown flag, or one that lacks its value
 */
export function parseCommandArgs(args: readonly string[], names: FlagNames): ParsedArgs {
  const options: ParseArgsOptionsConfig = {}
  for (const name of names.booleans) options[name] = { type: 'boolean' }
  for (const name of names.values) options[name] = { type: 'string', multiple: true }
  const joined = joinDash(args, names)
  const { values, positionals, tokens } = parseArgs({
    args: joined,
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    const takesValue = names.values.includes(token.name)
    if (!takesValue && !names.booleans.includes(token.name)) throw unknownFlag(token.name, names)
    if (takesValue && token.value === undefined) {
      throw new CliError('ERR_CLI_USAGE', `--${token.name} needs a value`)
    }
    if (!takesValue && token.value !== undefined) {
      throw new CliError('ERR_CLI_USAGE', `--${token.name} takes no value`)
    }
  }
  return { flags: values as Flags, positionals }
}

/** Every value of a flag, in order; none when it was not given. */
export function valuesOf(flags: Flags, name: string): readonly string[] {
  const value = flags[name]
  return Array.isArray(value) ? (value as readonly string[]) : []
}

/**
 * The value of a flag that may be given once.
 *
 * @throws {CliError} `ERR_CLI_USAGE` when it was given twice
 */
export function valueOf(flags: Flags, name: string): string | undefined {
  const values = valuesOf(flags, name)
  if (values.length > 1) throw new CliError('ERR_CLI_USAGE', `--${name} may be given once`)
  return values[0]
}
