import type { RecordLog, RecordLogState } from '@tokentrail/exporter'
import type {
  HookState,
  IssuerState,
  OAuthInstrumentation,
  OAuthLogRecordProcessor,
  OAuthSpanProcessor,
} from '@tokentrail/instrumentation'
import type { RecordingSettings, Setting } from './settings.ts'

/** A recording that runs. */
export interface Recording {
  /** For `instrumentations` of a NodeSDK; already enabled. */
  readonly instrumentation: OAuthInstrumentation
  /** For `spanProcessors`: later spans of a request carry its session. Optional. */
  readonly spanProcessor: OAuthSpanProcessor
  /** For `logRecordProcessors`, before those that export. Optional. */
  readonly logRecordProcessor: OAuthLogRecordProcessor
  readonly settings: RecordingSettings
  readonly log: RecordLog
  /** What it does, as data and without credentials. */
  describe(): RecordingDescription
  /**
   * Stops recording, seals the log and waits for its delivery. Idempotent: every call gets the same
   * promise.
   *
   * @param timeoutMillis - Longest wait for the delivery. Default is 2000 (two seconds).
   * @returns Whether everything was delivered; what was not, the next process of the slot delivers.
   */
  shutdown(timeoutMillis?: number): Promise<boolean>
}

/** A recording for people and programs; `tokentrail doctor` shows it. */
export interface RecordingDescription {
  readonly version: string
  readonly node: string
  readonly pid: number
  readonly hooks: readonly HookState[]
  /** Issuers whose tokens the recorder verifies itself. */
  readonly issuers: readonly IssuerState[]
  readonly settings: readonly Setting[]
  readonly warnings: readonly string[]
  readonly log: RecordLogState
  /** Faults of the recorder itself that were caught. */
  readonly faults: number
}

/**
 * A preload and the application's own set-up may both start recording, possibly from two copies of
 * this package: the second finds the first here.
 */
const CURRENT = Symbol.for('tokentrail.recording')

interface Holder {
  [CURRENT]?: Recording | undefined
}

/** The recording of this thread; undefined when none runs. */
export function currentRecording(): Recording | undefined {
  return (globalThis as Holder)[CURRENT]
}

/** Sets the recording of this thread; undefined when it ends. */
export function setCurrentRecording(recording: Recording | undefined): void {
  ;(globalThis as Holder)[CURRENT] = recording
}

/** Describes the recording of this thread; undefined when none runs. */
export function describeRecording(): RecordingDescription | undefined {
  return currentRecording()?.describe()
}
