import type { RecordLog } from '@tokentrail/exporter'

/** The part of `process` that is used. */
export interface ExitingProcess {
  readonly pid: number
  on(event: 'exit', listener: () => void): unknown
  prependListener(event: 'SIGINT' | 'SIGTERM', listener: () => void): unknown
  removeListener(event: 'exit' | 'SIGINT' | 'SIGTERM', listener: () => void): unknown
  listenerCount(event: 'SIGINT' | 'SIGTERM'): number
  kill(pid: number, signal: 'SIGINT' | 'SIGTERM'): unknown
}

/** Longest wait for the delivery of the last records, in milliseconds. */
const MAX_WAIT_MILLIS = 2_000
/** The same where the endpoint does not accept records: the next start delivers. */
const MAX_WAIT_REFUSED_MILLIS = 250

/**
 * Seals the log when the process ends, and waits at most two seconds for its delivery; what is not
 * delivered by then, the next process of the slot delivers.
 *
 * Exit codes stay: `exit` changes nothing, and a signal is raised again after the log is sealed,
 * unless the application listens for it itself; then it decides, and `exit` follows. `beforeExit`
 * needs no handler, as `exit` always follows it and is the first moment when nothing more can
 * come.
 *
 * @param beforeSeal - Called before the log is closed.
 * @returns Takes the handlers away again.
 */
export function sealOnExit(
  log: RecordLog,
  beforeSeal: () => void,
  target: ExitingProcess = process,
): () => void {
  const seal = (reason: string): void => {
    attempt(beforeSeal)
    attempt(() => log.close(reason))
    attempt(() => log.waitDelivered(MAX_WAIT_MILLIS, MAX_WAIT_REFUSED_MILLIS))
  }
  const onExit = (): void => seal('exit')
  const onSignal = (signal: 'SIGINT' | 'SIGTERM') => (): void => {
    if (target.listenerCount(signal) > 1) return
    seal('signal')
    stop()
    target.kill(target.pid, signal)
  }
  const onInterrupt = onSignal('SIGINT')
  const onTerminate = onSignal('SIGTERM')
  const stop = (): void => {
    target.removeListener('exit', onExit)
    target.removeListener('SIGINT', onInterrupt)
    target.removeListener('SIGTERM', onTerminate)
  }
  target.on('exit', onExit)
  // First, so that an application's `once` listener is still there to be counted.
  target.prependListener('SIGINT', onInterrupt)
  target.prependListener('SIGTERM', onTerminate)
  return stop
}

/** An exception in here would be another exit code, or another end than by the signal. */
function attempt(work: () => unknown): void {
  try {
    work()
  } catch {
    // The process ends: what was not said of the log, its successor says.
  }
}
