/**
 * Entry of the registry thread: asks until it has an answer, and leaves it where the recording
 * thread looks. The application's own thread, which may be instrumented, sends nothing of this.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { workerData } from 'node:worker_threads'
import { type RegistrationTask, register } from './registration.ts'
import { ANSWERED, FAILED, SharedAnswer } from './shared-answer.ts'

const MIN_PAUSE_MILLIS = 500
const MAX_PAUSE_MILLIS = 60_000

const { task, answer } = workerData as {
  readonly task: RegistrationTask
  readonly answer: SharedArrayBuffer
}
const shared = new SharedAnswer(answer)

async function run(): Promise<void> {
  for (let pause = MIN_PAUSE_MILLIS; ; pause = Math.min(2 * pause, MAX_PAUSE_MILLIS)) {
    const result = await register(task)
    if (result.status === 'issued') {
      shared.put(ANSWERED, result.certificate)
      return
    }
    shared.put(FAILED, result.reason)
    const wait = result.isFinal ? MAX_PAUSE_MILLIS : pause
    await sleep(wait * (0.5 + Math.random() / 2))
  }
}

void run()
