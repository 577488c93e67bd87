import { nearest } from './args.ts'
import type { Command } from './command.ts'
import { doctor } from './commands/doctor.ts'
import { search } from './commands/search.ts'
import { verify } from './commands/verify.ts'
import { viewer } from './commands/viewer.ts'
import { CliError } from './errors.ts'
import { EXIT_FAILURE, EXIT_OK, EXIT_USAGE } from './exit-code.ts'
import { createProcessIo, type Io } from './io.ts'

const COMMANDS: readonly Command[] = [verify, search, doctor, viewer]

const OVERVIEW = `Usage: tokentrail <command> [options]

${COMMANDS.map(({ name, summary }) => `  ${name.padEnd(8)}  ${summary}`).join('\n')}

"tokentrail <command> --help" says more about one of them.
`

function reportUsage(io: Io, message: string, command?: Command): number {
  const place = command === undefined ? 'tokentrail' : `tokentrail ${command.name}`
  io.err(`${place}: ${message}`)
  io.err(`Try "${place} --help".`)
  return EXIT_USAGE
}

async function runCommand(command: Command, args: readonly string[], io: Io): Promise<number> {
  const end = args.indexOf('--')
  if ((end === -1 ? args : args.slice(0, end)).includes('--help')) {
    io.out(command.help)
    return EXIT_OK
  }
  try {
    return await command.run(args, io)
  } catch (error) {
    if (error instanceof CliError && error.code === 'ERR_CLI_USAGE') {
      return reportUsage(io, error.message, command)
    }
    io.err(`tokentrail ${command.name}: ${(error as Error).message}`)
    return EXIT_FAILURE
  }
}

/** Runs the program and returns its exit code; it never throws for bad input. */
export async function main(args: readonly string[], io: Io): Promise<number> {
  const [name, ...rest] = args
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    io.out(OVERVIEW)
    return name === undefined ? EXIT_USAGE : EXIT_OK
  }
  const command = COMMANDS.find((candidate) => candidate.name === name)
  if (command !== undefined) return runCommand(command, rest, io)
  const known = nearest(
    name,
    COMMANDS.map((candidate) => candidate.name),
  )
  const hint = known === undefined ? '' : `; did you mean "${known}"?`
  return reportUsage(io, `unknown command "${name}"${hint}`)
}

/** Runs the program in this process; a closed pipe (`| head`) ends it quietly. */
export async function runProcess(): Promise<void> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? EXIT_OK : EXIT_FAILURE)
  })
  process.exitCode = await main(process.argv.slice(2), createProcessIo())
}
