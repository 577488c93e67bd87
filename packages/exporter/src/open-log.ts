import type { Clock } from '@tokentrail/session'
import type { Disk } from './disk/disk.ts'
import { nodeDisk } from './disk/node-disk.ts'
import type { HealthEvent } from './health.ts'
import { slotPath } from './journal/layout.ts'
import { type Lock, tryLock } from './journal/lock.ts'
import type { RecorderKeys } from './keys/key-files.ts'
import { createCertificateSource } from './keys/registry/certificate-source.ts'
import { JournaledRecordLog } from './log/journaled-record-log.ts'
import { createLogUuid, originOf } from './log/log-opener.ts'
import type { HookState } from './log/recorder-events.ts'
import { reserveLog } from './log/reserved-log.ts'
import { type ExporterSettings, serviceOf } from './options.ts'
import type { RecordLog } from './record-log.ts'
import { type StartDelivery, startDeliveryThread } from './send/delivery-thread.ts'
import { type Scheduler, nodeScheduler } from './scheduler.ts'

/** Options of {@link openLog}. */
export interface OpenLogOptions {
  /** From `resolveExporterOptions`. */
  readonly settings: ExporterSettings
  /** From `loadOrCreateKeys`. */
  readonly keys: RecorderKeys
  /** Version of the recorder, for record 0 and the instrumentation scope. */
  readonly recorderVersion: string
  /** Digest of the policy in force, for record 0. Default is none. */
  readonly policyVersion?: string
  /** Capture hooks and their state at this moment, for record 0. Default is none. */
  readonly hooks?: readonly HookState[]
  /** Told once for each change of health. What it throws is ignored. Default is nobody. */
  readonly onHealth?: (event: HealthEvent) => void
  /** Default is the clock of this machine. */
  readonly clock?: Clock
  /** Default is the disk of this machine. */
  readonly disk?: Disk
  /** A clock that nobody can set, in milliseconds. Default is `performance.now`. */
  readonly monotonicMillis?: () => number
  /** Default is `setTimeout`, without keeping the process alive. */
  readonly scheduler?: Scheduler
  /** Starts what delivers. Default is a thread of its own. */
  readonly startDelivery?: StartDelivery
  /** Default is the lock of the operating system. */
  readonly takeLock?: (path: string) => Lock | undefined
}

/**
 * Opens the log of this process, adopts what dead processes of the same slot left, and starts to
 * deliver. Synchronous: when it returns, record 0 is in the journal.
 *
 * @example
 *   Open a log and put a record in it
 *
 *   ```ts
 *   const settings = resolveExporterOptions({}, process.env)
 *   const log = openLog({ settings, keys: loadOrCreateKeys(settings), recorderVersion: '0.1.0' })
 *   log.append({ type: 'oauth.request', time: '1795470000123456789', attributes })
 *   ```
 *
 * @throws {ExporterError} `ERR_EXPORTER_DIRECTORY_UNUSABLE` when the journal cannot be made.
 */
export function openLog(options: OpenLogOptions): RecordLog {
  const { settings, clock = systemClock, disk = nodeDisk, takeLock = tryLock, onHealth } = options
  const slotDirectory = slotPath(settings.directory, serviceOf(settings), settings.slot)
  return new JournaledRecordLog({
    hooks: [],
    onHealth: () => undefined,
    clock: systemClock,
    disk: nodeDisk,
    scheduler: nodeScheduler,
    monotonicMillis: () => performance.now(),
    startDelivery: startDeliveryThread,
    takeLock: tryLock,
    certificates:
      settings.registry &&
      createCertificateSource({
        registry: settings.registry,
        waitMillis: REGISTRY_WAIT_MILLIS,
        createUuid: () => createLogUuid(clock),
        originOf: (uuid) => originOf(settings, uuid),
        reserve: (uuid, origin) => reserveLog({ disk, slotDirectory, takeLock }, uuid, origin),
        onFailure: (message) => onHealth?.({ kind: 'self-issued', message }),
      }),
    ...options,
  })
}

/** How long the start of a process waits for its first certificate. */
const REGISTRY_WAIT_MILLIS = 2_000

/** Wall time; a day's drift of a finer clock would be worse than its milliseconds are good. */
const systemClock: Clock = { unixNanos: () => BigInt(Date.now()) * 1_000_000n }
