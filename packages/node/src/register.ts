/**
 * The preload: `node --import @tokentrail/node/register app.js`. Records the application without a
 * change to it. It runs again in every worker thread and child process that inherits the flag; each
 * keeps a log of its own. The delivery thread starts without flags and environment and never gets
 * here.
 *
 * When recording cannot start, the reason is one line on standard error, and the application runs;
 * under the failure policy `fail-closed` it does not.
 */
import { registerLoaderHooks } from '@tokentrail/instrumentation'
import { DOCTOR_VARIABLE, keepDoctorFile, type DoctorReport } from './doctor-file.ts'
import { checkNodeVersion } from './node-version.ts'
import { checkPermissionModel } from './permission-model.ts'
import type { Recording } from './recording.ts'
import { startRecording } from './start-recording.ts'

async function register(): Promise<void> {
  let report: () => DoctorReport
  let failure: Error | undefined
  try {
    checkNodeVersion(process.versions.node)
    checkPermissionModel()
    await registerLoaderHooks()
    const recording = startRecording()
    await reportInactiveHooks(recording)
    report = () => ({ pid: process.pid, recording: recording.describe() })
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown error'
    process.stderr.write(`tokentrail: Not recording: ${reason}\n`)
    if (process.env['TOKENTRAIL_FAILURE_POLICY'] === 'fail-closed') {
      failure = new Error('Nothing may run unrecorded (TOKENTRAIL_FAILURE_POLICY is fail-closed).')
    }
    report = () => ({ pid: process.pid, error: reason })
  }
  const doctorFile = process.env[DOCTOR_VARIABLE]
  if (doctorFile) keepDoctorFile(doctorFile, report)
  if (failure !== undefined) throw failure
}

async function reportInactiveHooks({ instrumentation }: Recording): Promise<void> {
  for (const { state, reason } of await instrumentation.selfTest()) {
    if (state === 'inactive')
      process.stderr.write(`tokentrail: ${reason ?? 'A hook is inactive.'}\n`)
  }
}

await register()
