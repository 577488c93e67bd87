import type { RecordSink } from '@tokentrail/session'

/** A moment's look at a {@link RecordLog}. */
export interface RecordLogState {
  readonly origin: string
  /** Number of records of this log. */
  readonly size: number
  /** Number of records that its last checkpoint covers. */
  readonly signedSize: number
  /** Records that could not be kept, since it was opened. */
  readonly lost: number
  /** Whether records can be kept at present, as far as it is known. */
  readonly able: boolean
  /** Records that were kept since it was opened, in replaced logs too. */
  readonly accepted: number
  /** Records and identity records that the receiver has accepted, those of dead logs included. */
  readonly deliveredRecords: number
  /** Bytes of the journal that were not delivered yet, those of dead logs included. */
  readonly undeliveredBytes: number
  /** Age in seconds of the oldest record of this process that was not delivered yet. */
  readonly undeliveredSeconds: number
  /** For how many seconds records have waited for a checkpoint that covers them. */
  readonly unsealedSeconds: number
  /** Whether everything of this process was delivered. */
  readonly delivered: boolean
  /** Why nothing can be delivered at present: a status code or a system error code. */
  readonly blocked?: string
  readonly closed: boolean
}

/** The log of this process: where its recorder puts records. */
export interface RecordLog extends RecordSink {
  settled(): Promise<void> | undefined

  admits(): boolean

  /**
   * Ends the log: a last checkpoint, `log.close` and the closing checkpoint, all synchronously, so
   * that it may be called while the process exits. Idempotent. Records that come afterwards are
   * lost and counted.
   *
   * @param reason - One word that `log.close` gives. Default is `shutdown`.
   */
  close(reason?: string): void

  /**
   * Blocks this thread until everything of this process was delivered, or the time is over. For the
   * exit of the process only: nothing else runs meanwhile.
   *
   * @param refusedMillis - The longest wait where the receiver does not accept. Default is
   *   `timeoutMillis`.
   * @returns Whether it was delivered. What was not, the next process of the slot delivers.
   */
  waitDelivered(timeoutMillis: number, refusedMillis?: number): boolean

  /**
   * Has everything sent at once, and waits until it was delivered, or the time is over.
   *
   * @returns Whether it was delivered.
   */
  flush(timeoutMillis: number): Promise<boolean>

  /**
   * {@link close}, {@link flush}, then ends the delivery thread and gives up the locks. Idempotent.
   *
   * @param timeoutMillis - Longest wait for the delivery. Default is 2000 (two seconds).
   * @returns Whether everything was delivered.
   */
  shutdown(timeoutMillis?: number): Promise<boolean>

  state(): RecordLogState
}
