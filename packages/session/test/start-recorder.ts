import { createRecorder, parsePolicy, type Recorder, type RecorderOptions } from '../src/index.ts'
import { createTestPseudonymizer } from './keyed.ts'
import { createRecordingSink, type RecordingSink } from './recording-sink.ts'

/** A recorder over a sink that keeps what it gets, at a time that the test sets. */
export interface RecorderRig {
  readonly recorder: Recorder
  readonly sink: RecordingSink
  readonly faults: unknown[]
  /** Nanoseconds since 1970. */
  now: bigint
}

export const START = 1_795_470_000_000_000_000n

export function startRecorder(options: Partial<RecorderOptions> = {}): RecorderRig {
  const sink = createRecordingSink()
  const faults: unknown[] = []
  const rig: RecorderRig = {
    sink,
    faults,
    now: START,
    recorder: createRecorder({
      sink,
      pseudonyms: createTestPseudonymizer(),
      policy: parsePolicy({}),
      clock: { unixNanos: () => rig.now },
      onFault: (error) => faults.push(error),
      ...options,
    }),
  }
  return rig
}
