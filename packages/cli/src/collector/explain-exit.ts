import { CollectorError } from './collector-error.ts'
import type { CollectorPlace } from './collector-settings.ts'

/** How a collector ended. */
export interface CollectorExit {
  readonly exitCode: number | undefined
  readonly signal: NodeJS.Signals | undefined
}

/** Says why a collector ended before it was ready, from what it wrote to standard error. */
export function explainExit(
  exit: CollectorExit,
  stderr: readonly string[],
  place: CollectorPlace,
): CollectorError {
  const lines = stderr.filter((line) => line.trim() !== '')
  const text = lines.join('\n')
  const taken = /listen \w+ (\S+): bind: (?:address already in use|Only one usage)/.exec(text)?.[1]
  if (taken !== undefined) return explainTakenPort(taken, place)
  if (/failed to start "[^"]*" exporter: timeout/.test(text)) {
    return new CollectorError(
      'ERR_CLI_COLLECTOR_QUEUE_IN_USE',
      `another collector owns the queue in ${place.queueFolder}: stop it, or set TOKENTRAIL_COLLECTOR_DIR to another folder`,
    )
  }
  const folder = /(?:mkdir|open) (\S+): (?:permission denied|read-only file system)/.exec(text)?.[1]
  if (folder !== undefined) return explainFolder(folder)
  if (/failed to get config|invalid configuration/.test(text)) {
    return new CollectorError(
      'ERR_CLI_COLLECTOR_CONFIG_REFUSED',
      `the collector does not accept its configuration: ${lines.slice(-3).join(' ')}`,
    )
  }
  const { exitCode, signal } = exit
  const ending = signal ?? (exitCode === undefined ? 'it did not start' : `exit code ${exitCode}`)
  return new CollectorError(
    'ERR_CLI_COLLECTOR_EXITED',
    `the collector ended before it was ready (${ending}): ${lines.at(-1) ?? 'it wrote nothing'}`,
  )
}

/** Says that the collector cannot write where it is to write. */
export const explainFolder = (path: string, options?: ErrorOptions): CollectorError =>
  new CollectorError(
    'ERR_CLI_COLLECTOR_FOLDER_UNWRITABLE',
    `the collector cannot write ${path}: make it writable, or set TOKENTRAIL_EXPORT_DIR and TOKENTRAIL_COLLECTOR_DIR to folders that are`,
    options,
  )

function explainTakenPort(taken: string, place: CollectorPlace): CollectorError {
  const variable =
    taken === place.healthEndpoint
      ? 'TOKENTRAIL_COLLECTOR_HEALTH_ENDPOINT'
      : 'TOKENTRAIL_OTLP_ENDPOINT'
  return new CollectorError(
    'ERR_CLI_COLLECTOR_PORT_IN_USE',
    `${taken} is in use, so the collector cannot listen there: stop what uses it, or set ${variable} to another host:port`,
  )
}
