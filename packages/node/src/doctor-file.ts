import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'
import type { RecordingDescription } from './recording.ts'

/** Names the file that {@link keepDoctorFile} keeps. Set by `tokentrail doctor` for its child. */
export const DOCTOR_VARIABLE = 'TOKENTRAIL_DOCTOR_FILE'

/**
 * What stands in the doctor's file, one JSON object:
 *
 * - `{ "pid": 7, "recording": {…} }`, a {@link RecordingDescription}, when recording runs;
 * - `{ "pid": 7, "error": "…" }` when it did not start.
 *
 * No credential stands in it. It is replaced as a whole, shortly after the start, whenever
 * something changed, and at the end of the process. Where several processes share the variable (a
 * package manager and the application it runs), the one that started last keeps it.
 */
export interface DoctorReport {
  readonly pid: number
  readonly recording?: RecordingDescription
  readonly error?: string
}

/** How often the file is compared with what holds now. */
const INTERVAL_MILLIS = 200

/**
 * Keeps the doctor's file until the process ends, without keeping the process alive. A file that
 * cannot be written is no reason for the application to fail: the doctor misses it and says so.
 *
 * @param report - Gives what holds now.
 */
export function keepDoctorFile(path: string, report: () => DoctorReport): void {
  if (!isMainThread) return
  let written = writeReport(path, report())
  const update = (): void => {
    const next = report()
    if (JSON.stringify(next) === written || ownerOf(path) !== next.pid) return
    written = writeReport(path, next)
  }
  setInterval(update, INTERVAL_MILLIS).unref()
  process.on('exit', update)
}

function writeReport(path: string, report: DoctorReport): string {
  const text = JSON.stringify(report)
  try {
    const draft = `${path}.${report.pid}`
    writeFileSync(draft, text)
    renameSync(draft, path)
  } catch {
    // See above: nobody here could do anything about it.
  }
  return text
}

function ownerOf(path: string): unknown {
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as Partial<DoctorReport>).pid
  } catch {
    return undefined
  }
}
