/** What may happen to a log that its operator should hear of. */
export type HealthKind =
  /** Records are not kept: the journal cannot be written. */
  | 'journal-failed'
  /** Records are kept again; what was lost is in a `tokentrail.recorder.loss` record. */
  | 'journal-restored'
  /** A journal file had been removed or replaced: it was put back, or a new log goes on. */
  | 'journal-replaced'
  /** Somebody cut or overwrote the journal file that is being written. */
  | 'journal-cut'
  /** The disk did not confirm a flush: the last records would not survive a power cut. */
  | 'journal-not-synced'
  /** Bytes of a journal cannot be read; they are in quarantine. */
  | 'journal-damaged'
  /** Nothing can be delivered for now; everything is kept. */
  | 'delivery-blocked'
  | 'delivery-restored'
  /** The files of one log cannot be used for its delivery; it is tried again, the others go on. */
  | 'delivery-failed'
  /** The receiver does not take zstd: everything goes in gzip. */
  | 'compression-refused'
  /** One record was refused for good and parked. */
  | 'record-rejected'
  /** The delivery thread died, or could not be started; another one is. */
  | 'worker-failed'
  /** The registry gave no certificate; the log certifies itself until it does. */
  | 'self-issued'
  /** The log of a dead process could not be adopted. */
  | 'adoption-failed'
  /** The clock was set; `tokentrail.recorder.clock_step` says how far. */
  | 'clock-stepped'
  /** A single record could not be kept. */
  | 'record-lost'
  /** Something of the recorder itself failed in the background; the recording goes on. */
  | 'internal-fault'

/** Told once for each change, never for each record. */
export interface HealthEvent {
  readonly kind: HealthKind
  /** One sentence that names places and codes, never a credential or a record's content. */
  readonly message: string
}
