import { parseArgs, type ParseArgsOptionsConfig } from 'node:util'
import { findNearestName } from '@tokentrail/node'
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

/** The known name that was meant by a mistyped one, if any is near enough to be believed. */
export function guessName(name: string, known: readonly string[]): string | undefined {
  return findNearestName(name, known, Math.min(2, Math.floor(name.length / 2)))
}

function unknownFlag(shown: string, name: string, names: FlagNames): CliError {
  const known = guessName(name, [...names.booleans, ...names.values])
  const hint = known === undefined ? '' : `; did you mean --${known}?`
  return new CliError('ERR_CLI_USAGE', `unknown option ${shown}${hint}`)
}

/** An option of the command line, as `parseArgs` found it. */
interface OptionToken {
  readonly name: string
  readonly rawName: string
  readonly value: string | undefined
  /** Whether the value stands behind `=`. */
  readonly inlineValue: boolean | undefined
}

function checkOption(option: OptionToken, names: FlagNames): void {
  const { name, rawName, value, inlineValue } = option
  const takesValue = names.values.includes(name)
  if (!takesValue && !names.booleans.includes(name)) throw unknownFlag(rawName, name, names)
  // The next flag is no value; `--name=--value` says that it is meant.
  const isFlag = inlineValue === false && value?.startsWith('--') === true
  if (takesValue && (value === undefined || isFlag)) {
    throw new CliError('ERR_CLI_USAGE', `${rawName} needs a value`)
  }
  if (!takesValue && value !== undefined) {
    throw new CliError('ERR_CLI_USAGE', `${rawName} takes no value`)
  }
}

/**
 * Parses a command's arguments; everything after `--` is positional, and `-` is a value like any
 * other.
 *
 * @throws {CliError} `ERR_CLI_USAGE` naming an unknown flag, one that lacks its value, or one that
 *   takes none
 */
export function parseCommandArgs(args: readonly string[], names: FlagNames): ParsedArgs {
  const options: ParseArgsOptionsConfig = {}
  for (const name of names.booleans) options[name] = { type: 'boolean' }
  for (const name of names.values) options[name] = { type: 'string', multiple: true }
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  for (const token of tokens) if (token.kind === 'option') checkOption(token, names)
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
