import { spawn, type ChildProcess } from 'node:child_process'
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

const HELP = `Usage: tokentrail doctor [options] -- COMMAND [ARGS...]

Runs an application for a moment, recorded as with --import @tokentrail/node/register, and prints
which hooks are live and every setting with its value and where it came from. No secret is shown.
The application runs for real: it listens, it connects, and what it records is real too.
Its output goes to standard error.

  --seconds N      how long it may run, 1 to 300, default 5; it then gets SIGTERM
  --json           what was found as JSON
  --help

Example:
  tokentrail doctor -- node app.js

Exit codes: 0 recording works; 1 it does not, or a hook is inactive; 2 wrong usage.
`

const DEFAULT_SECONDS = 5
const KILL_AFTER_MILLIS = 5_000

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

/** Ends the child after a while: politely, then for good. Returns what cancels that. */
function endLater(child: ChildProcess, seconds: number): () => void {
  const term = setTimeout(() => child.kill('SIGTERM'), seconds * 1000)
  const kill = setTimeout(() => child.kill('SIGKILL'), seconds * 1000 + KILL_AFTER_MILLIS)
  return () => {
    clearTimeout(term)
    clearTimeout(kill)
  }
}

function runFor(
  command: readonly string[],
  seconds: number,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const [file = '', ...args] = command
  const child = spawn(file, args, { env, stdio: ['ignore', 2, 2] })
  const cancel = endLater(child, seconds)
  return new Promise((resolve, reject) => {
    child.on('error', (error: NodeJS.ErrnoException) => {
      cancel()
      reject(
        new CliError('ERR_CLI_INPUT', `cannot run "${file}" (${error.code ?? 'unknown error'})`),
      )
    })
    child.on('close', () => {
      cancel()
      resolve()
    })
  })
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
    await runFor(positionals, seconds, childEnv(io, file))
    const report = readReport(file, positionals)
    io.out(
      flags['json'] === true ? `${JSON.stringify(report, null, 2)}\n` : formatDiagnosis(report),
    )
    const hooks = report.recording?.hooks
    return hooks?.every(({ state }) => state !== 'inactive') === true ? EXIT_OK : EXIT_FAILURE
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
