import { guessName } from './args.ts'
import type { Command } from './command.ts'
import { doctor } from './commands/doctor.ts'
import { drain } from './commands/drain.ts'
import { erase } from './commands/erase.ts'
import { exportSubject } from './commands/export.ts'
import { keys } from './commands/keys.ts'
import { prove } from './commands/prove.ts'
import { reconcile } from './commands/reconcile.ts'
import { search } from './commands/search.ts'
import { verify } from './commands/verify.ts'
import { viewer } from './commands/viewer.ts'
import { witness } from './commands/witness.ts'
import { CliError } from './errors.ts'
import { EXIT_FAILURE, EXIT_OK, EXIT_USAGE } from './exit-code.ts'
import { createProcessIo, type Io } from './io.ts'
import { escapeUnprintable } from './output/unprintable.ts'
import { VERSION } from './version.ts'

const COMMANDS: readonly Command[] = [
  verify,
  prove,
  reconcile,
  search,
  doctor,
  viewer,
  drain,
  keys,
  erase,
  exportSubject,
  witness,
]

const OVERVIEW = `Usage: tokentrail <command> [options]

${COMMANDS.map(({ name, summary }) => `  ${name.padEnd(9)}  ${summary}`).join('\n')}

"tokentrail <command> --help" says more about one of them; "tokentrail --version" prints the
version.
`

const HELP_FLAGS: readonly string[] = ['--help', '-h']

function reportUsage(io: Io, message: string, command?: Command): number {
  const place = command === undefined ? 'tokentrail' : `tokentrail ${command.name}`
  io.err(`${place}: ${escapeUnprintable(message)}`)
  io.err(`Try "${place} --help".`)
  return EXIT_USAGE
}

function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--')
  const own = end === -1 ? args : args.slice(0, end)
  return own.some((arg) => HELP_FLAGS.includes(arg))
}

async function runCommand(command: Command, args: readonly string[], io: Io): Promise<number> {
  if (asksForHelp(args)) {
    io.out(command.help)
    return EXIT_OK
  }
  try {
    return await command.run(args, io)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    if (error instanceof CliError && error.code === 'ERR_CLI_USAGE') {
      return reportUsage(io, message, command)
    }
    io.err(`tokentrail ${command.name}: ${escapeUnprintable(message)}`)
    return EXIT_FAILURE
  }
}

function reportUnknown(io: Io, name: string): number {
  const names = COMMANDS.map((command) => command.name)
  if (name.startsWith('-')) return reportUsage(io, `unknown option ${name}`)
  const known = guessName(name, names)
  const hint =
    known === undefined ? `; there are ${names.join(', ')}` : `; did you mean "${known}"?`
  return reportUsage(io, `unknown command "${name}"${hint}`)
}

function runHelp(args: readonly string[], io: Io): number {
  const [name] = args
  if (name === undefined || HELP_FLAGS.includes(name)) {
    io.out(OVERVIEW)
    return EXIT_OK
  }
  const command = COMMANDS.find((candidate) => candidate.name === name)
  if (command === undefined) return reportUnknown(io, name)
  io.out(command.help)
  return EXIT_OK
}

/** Runs the program and returns its exit code; it never throws for bad input. */
export async function main(args: readonly string[], io: Io): Promise<number> {
  const [name, ...rest] = args
  if (name === undefined) {
    io.out(OVERVIEW)
    return EXIT_USAGE
  }
  if (name === 'help' || HELP_FLAGS.includes(name)) return runHelp(rest, io)
  if (name === '--version') {
    io.out(`${VERSION}\n`)
    return EXIT_OK
  }
  const command = COMMANDS.find((candidate) => candidate.name === name)
  return command === undefined ? reportUnknown(io, name) : runCommand(command, rest, io)
}

/**
 * Runs the program in this process. Where nobody reads its output any more (`| head`) it ends
 * quietly, and as a failure: an exit code of 0 would say "valid" of what was not verified.
 */
export async function runProcess(): Promise<void> {
  process.stdout.on('error', () => process.exit(EXIT_FAILURE))
  process.exitCode = await main(process.argv.slice(2), createProcessIo())
}
