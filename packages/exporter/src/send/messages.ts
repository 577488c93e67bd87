import type { Destination } from '../endpoint.ts'
import type { JournalDamage } from '../journal/quarantine.ts'
import type { ExporterLimits } from '../options.ts'

/** What the worker is started with. */
export interface WorkerConfiguration {
  readonly destination: Destination
  readonly limits: ExporterLimits
  readonly userAgent: string
  /** One i32: 1 while the worker sleeps for want of records. */
  readonly sleeping: SharedArrayBuffer
  /** One i32: 1 while the receiver does not accept. */
  readonly refused: SharedArrayBuffer
}

/** A log to deliver. */
export interface DeliveryTask {
  /** Uuid of the log. */
  readonly uuid: string
  readonly directory: string
  readonly control: SharedArrayBuffer
  /** Logs of this process are delivered side by side, those of dead ones one after the other. */
  readonly adopted: boolean
}

/** From the recording thread to the worker. */
export type WorkerRequest =
  | { readonly type: 'deliver'; readonly task: DeliveryTask }
  /** There is something to send. */
  | { readonly type: 'wake' }
  /** The log says that a record was refused: now it may be parked. */
  | { readonly type: 'stated' }
  /** Send what there is now: do not wait for more, nor for the end of a pause. */
  | { readonly type: 'flush' }

/** From the worker to the recording thread. */
export type WorkerReport =
  /** All of a closed log was delivered. */
  | { readonly type: 'done'; readonly uuid: string }
  /** A record was refused for good; it is parked once the log says so. */
  | { readonly type: 'rejected'; readonly recordId: string; readonly statusCode: number }
  | { readonly type: 'damage'; readonly uuid: string; readonly damage: JournalDamage }
  /** The files of a log cannot be used, with the system's code; it is tried again. */
  | { readonly type: 'failed'; readonly uuid: string; readonly code: string }
  /** The receiver does not accept: `reason` is a status code or a system error code. */
  | { readonly type: 'blocked'; readonly reason: string }
  | { readonly type: 'restored' }
  /** The receiver takes gzip, but not what was asked for. */
  | { readonly type: 'compression-refused'; readonly statusCode: number }
