import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DOCTOR_VARIABLE, type DoctorReport } from '@tokentrail/node'
import { parseCommandArgs, valueOf, type Flags } from '../args.ts'
import type { Command } from '../command.ts'
import { CliError } from '../errors.ts'
import { EXIT_FAILURE, EXIT_OK } from '../exit-code.ts'
import type { Io } from '../io.ts'
import { formatDiagnosis } from '../output/diagnosis.ts'
import { formatJson } from '../output/unprintable.ts'
import { runApplication, type ApplicationEnd } from '../run-application.ts'

const HELP = `Usage: tokentrail doctor [options] -- COMMAND [ARGS...]

Runs an application for a moment, recorded as with --import @tokentrail/node/register, and prints
which hooks are live and every setting with its value and where it came from. No secret is shown.
The application runs for real: it listens, it connects, and what it records is real too.
Its output goes to standard error.

  --seconds N      how long it may run once it has started, 1 to 300, default 5; it then gets
                   SIGTERM. Ctrl-C ends it earlier
  --json           what was found as JSON
  --help

Example:
  tokentrail doctor -- node app.js

Exit codes: 0 recording works, whether or not a collector is there; 1 it does not, a hook is
inactive, or the application failed; 2 wrong usage.
`

const DEFAULT_SECONDS = 5

function parseSeconds(flags: Flags): number {
  const value = valueOf(flags, 'seconds')
  if (value === undefined) return DEFAULT_SECONDS
  const seconds = Number(value)
  if (/^\d{1,3}$/.test(value) && seconds >= 1 && seconds <= 300) return seconds
  throw new CliError('ERR_CLI_USAGE', `--seconds must be a number from 1 to 300, not "${value}"`)
}

/** Adds the preload to what the command has of its own; a second preload finds the first. */
function childEnv(io: Io, file: string): NodeJS.ProcessEnv {
  const preload = `--import=${import.meta.resolve('@tokentrail/node/register')}`
  const inherited = io.env['NODE_OPTIONS']
  return {
    ...io.env,
    NODE_OPTIONS: inherited === undefined ? preload : `${preload} ${inherited}`,
    [DOCTOR_VARIABLE]: file,
  }
}

function readReport(file: string, command: readonly string[]): DoctorReport {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as DoctorReport
  } catch {
    throw new CliError(
      'ERR_CLI_INPUT',
      `"${command.join(' ')}" never loaded the preload: is it a Node program of version 22.15 or ` +
        'newer, and does it keep NODE_OPTIONS?',
    )
  }
}

/** Whether the application ran as it should; one that fell over says little about its hooks. */
function checkEnd({ code, signal, stopped }: ApplicationEnd, io: Io): boolean {
  if (stopped || code === 0) return true
  const how = code === null ? `by ${signal}` : `with exit code ${code}`
  io.err(`tokentrail doctor: the application ended by itself ${how}`)
  return false
}

function isRecording({ recording }: DoctorReport): boolean {
  return recording?.hooks.every(({ state }) => state !== 'inactive') === true
}

async function run(args: readonly string[], io: Io): Promise<number> {
  const { flags, positionals } = parseCommandArgs(args, {
    booleans: ['help', 'json'],
    values: ['seconds'],
  })
  if (positionals.length === 0) {
    throw new CliError('ERR_CLI_USAGE', 'name the application after --, e.g. -- node app.js')
  }
  const seconds = parseSeconds(flags)
  const folder = mkdtempSync(join(tmpdir(), 'tokentrail-doctor-'))
  try {
    const file = join(folder, 'report.json')
    const env = childEnv(io, file)
    const end = await runApplication(positionals, { env, startedFile: file, seconds })
    const report = readReport(file, positionals)
    io.out(flags['json'] === true ? formatJson(report) : formatDiagnosis(report))
    return checkEnd(end, io) && isRecording(report) ? EXIT_OK : EXIT_FAILURE
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** `tokentrail doctor`. */
export const doctor: Command = {
  name: 'doctor',
  summary: 'run an application and say which hooks and settings are in force',
  help: HELP,
  run,
}
