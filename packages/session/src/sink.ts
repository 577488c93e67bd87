import type { Identity, RecordDraft } from './record.ts'

/**
 * Where a recorder puts its records: the one port between capture and keeping. The exporter's log
 * implements it; so does the mirror to the OpenTelemetry Logs API.
 */
export interface RecordSink {
  /**
   * Origin of the log that the next record goes to. It changes when the log is replaced (a
   * certificate ran out, a new pseudonym key): whoever remembers "once per log" starts anew.
   */
  readonly origin: string

  /**
   * Accepts one record, and before it the identities that it is the first in its log to use. When
   * it returns, the record survives the death of the process (durability `process`). It never
   * throws and never waits: a record that could not be kept is counted and reported by the sink.
   */
  append(record: RecordDraft, identities?: readonly Identity[]): void

  /**
   * Returns a promise that resolves when everything appended so far is as safe as the sink
   * promises, or the sink's time limit has passed; `undefined` when there is nothing to wait for,
   * so that the caller goes on at once. It never throws and never rejects. A sink without it is
   * never waited for.
   */
  settled?(): Promise<void> | undefined

  /**
   * Tells whether a request may be begun: `false` while the sink cannot keep records and its
   * operator has chosen that nothing happens unrecorded. It never throws. A sink without it admits
   * everything.
   */
  admits?(): boolean
}
