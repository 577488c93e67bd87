import type { CommandResult, CommandRunner } from './run-command.ts'

/** A collector that can be used. */
export interface UsableCollector {
  readonly status: 'usable'
  readonly version: string
}

/** A program that does not run, or is no collector. */
export interface BrokenCollector {
  readonly status: 'broken'
  /** One line. */
  readonly reason: string
}

/** A collector that runs but does not accept the configuration. */
export interface RefusingCollector {
  readonly status: 'refuses-config'
  readonly version: string
  /** One line. */
  readonly reason: string
}

/** How {@link inspectCollector} asks. */
export interface InspectOptions {
  readonly configPath: string
  readonly env: NodeJS.ProcessEnv
  readonly run: CommandRunner
}

// A cold start of a 300 MB distribution from a slow disk takes seconds; one that hangs must not
// hang the quick start.
const INSPECT_TIMEOUT_MILLIS = 30_000

/** Asks a collector for its version, and whether it accepts our configuration. */
export async function inspectCollector(
  path: string,
  options: InspectOptions,
): Promise<UsableCollector | BrokenCollector | RefusingCollector> {
  const version = await readVersion(path, options)
  if (version.status === 'broken') return version
  const validation = await ask(path, ['validate', `--config=${options.configPath}`], options)
  if (validation.exitCode === 0) return version
  return {
    status: 'refuses-config',
    version: version.version,
    reason: firstReason(validation),
  }
}

/**
 * Asks a program for its version. Refuses one that does not answer as a collector does: `<name>
 * version <version>`.
 */
export async function readVersion(
  path: string,
  options: Pick<InspectOptions, 'env' | 'run'>,
): Promise<UsableCollector | BrokenCollector> {
  const result = await ask(path, ['--version'], options)
  const version = /^\S+ version (\S+)$/m.exec(result.stdout.join('\n'))?.[1]
  if (result.exitCode === 0 && version !== undefined) return { status: 'usable', version }
  const reason = result.exitCode === 0 ? 'it is not a collector' : firstReason(result)
  return { status: 'broken', reason }
}

const ask = (
  path: string,
  args: readonly string[],
  { env, run }: Pick<InspectOptions, 'env' | 'run'>,
): Promise<CommandResult> => run(path, args, { env, timeoutMillis: INSPECT_TIMEOUT_MILLIS })

/** The collector prints a headline that ends in a colon, then one line per fault. */
function firstReason({ failure, exitCode, stderr }: CommandResult): string {
  if (failure === 'timeout') return `it did not answer within ${INSPECT_TIMEOUT_MILLIS / 1_000} s`
  if (failure !== undefined) return `it does not run (${failure})`
  const lines = stderr.map((line) => line.trim()).filter((line) => line !== '')
  const reason = lines.find((line) => !line.endsWith(':')) ?? lines[0]
  return reason ?? `it exited with ${String(exitCode)}`
}
