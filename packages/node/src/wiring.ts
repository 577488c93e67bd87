import type { FaultHandler, OAuthRecorder } from '@tokentrail/instrumentation'
import type { Recorder } from '@tokentrail/session'
import type { GapRecorder } from './gap-recorder.ts'

/** How often counted rejections are looked after, in milliseconds. */
const FLUSH_MILLIS = 1_000

/** Stands for the recorder until there is a log for it to write to. Owned by one recording. */
export class Wiring implements OAuthRecorder {
  #recorder: Recorder | undefined
  #timer: NodeJS.Timeout | undefined
  gaps: GapRecorder | undefined
  readonly onFault: FaultHandler = () => this.gaps?.addFault()

  connect(recorder: Recorder, gaps: GapRecorder): void {
    this.#recorder = recorder
    this.gaps = gaps
    // In a timer nobody stands above who could catch anything.
    const flush = (): void => {
      try {
        recorder.flush(true)
      } catch (error) {
        this.#tellFault('recorder.flush', error)
      }
    }
    this.#timer = setInterval(flush, FLUSH_MILLIS).unref()
  }

  #tellFault(where: string, error: unknown): void {
    try {
      this.onFault(where, error)
    } catch {
      // There is nobody left to tell.
    }
  }

  /** Records what waits for its record; the log is about to be closed. */
  settle(): void {
    clearInterval(this.#timer)
    this.#recorder?.flush()
    this.gaps?.settle()
  }

  recordRequest(facts: Parameters<Recorder['recordRequest']>[0]): void {
    this.#recorder?.recordRequest(facts)
  }

  recordFinding(facts: Parameters<Recorder['recordFinding']>[0]): void {
    this.#recorder?.recordFinding(facts)
  }

  recordEvent(facts: Parameters<Recorder['recordEvent']>[0]): void {
    this.#recorder?.recordEvent(facts)
  }

  stamp(facts: Parameters<Recorder['stamp']>[0]): ReturnType<Recorder['stamp']> {
    return this.#recorder?.stamp(facts)
  }

  settled(): ReturnType<Recorder['settled']> {
    return this.#recorder?.settled()
  }

  admits(): boolean {
    return this.#recorder?.admits() !== false
  }
}
