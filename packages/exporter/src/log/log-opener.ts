import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { type Clock, formatPseudonymKey } from '@tokentrail/session'
import type { Disk } from '../disk/disk.ts'
import { volumeKind } from '../disk/volume.ts'
import { ExporterError, systemErrorCode } from '../errors.ts'
import { SCOPE_NAME, formatEnvelope } from '../journal/envelope.ts'
import { logPaths, slotPath } from '../journal/layout.ts'
import type { Lock } from '../journal/lock.ts'
import { issueCertificate } from '../keys/certificate.ts'
import type { RecorderKeys } from '../keys/key-files.ts'
import type { CertificateSource, CertifiedLog } from '../keys/registry/certificate-source.ts'
import { type ExporterSettings, serviceOf } from '../options.ts'
import type { ResourceAttributes } from '../resource.ts'
import type { Scheduler } from '../scheduler.ts'
import { LogControl } from '../send/control.ts'
import { ProcessLog, type ProcessLogOptions } from './process-log.ts'
import { type HookState, buildLogOpen } from './recorder-events.ts'
import { buildUuidV7 } from './uuid.ts'

export interface LogOpenerOptions {
  readonly settings: ExporterSettings
  readonly keys: RecorderKeys
  readonly recorderVersion: string
  readonly policyVersion?: string
  readonly hooks: readonly HookState[]
  readonly clock: Clock
  readonly disk: Disk
  readonly takeLock: (path: string) => Lock | undefined
  readonly scheduler: Scheduler
  readonly onSyncFailure: (code: string) => void
  readonly onSyncLate: () => void
  readonly onFault: (error: unknown) => void
  readonly onCheckpoint: () => void
  readonly onReserveUsed: (code: string) => void
  /** Certified logs by a registry. Default is none: each log certifies itself. */
  readonly certificates?: CertificateSource | undefined
}

/** An open log, and what it shares with the delivery worker. */
export interface OpenedLog {
  readonly log: ProcessLog
  readonly uuid: string
  readonly control: LogControl
  /**
   * When it was opened, in seconds since 1970: its certificate starts then. 0 once it certified
   * itself and a registry has certified the log that is to follow it: it is replaced then.
   */
  readonly issuedAt: number
}

/** Age at which the next certificate is asked for: an hour before it is needed. */
const PREPARE_SECONDS = 22 * 3600

/**
 * Opens a log: directory, lock, envelope, certificate, record 0. The certificate is signed before
 * record 0, which holds it.
 *
 * @throws {ExporterError} `ERR_EXPORTER_DIRECTORY_UNUSABLE`
 */
export function openProcessLog(options: LogOpenerOptions): OpenedLog {
  const { settings, clock } = options
  const nanos = clock.unixNanos()
  const certified = options.certificates?.take()
  const uuid = certified?.uuid ?? createLogUuid(clock)
  const control = new LogControl()
  let lock: Lock | undefined
  const takeLock = (path: string) => certified?.lock ?? (lock = options.takeLock(path))
  try {
    const log = new ProcessLog(
      processLogOptions({ ...options, takeLock }, uuid, control, certified),
    )
    const issuedAt = Number(nanos / 1_000_000_000n)
    const claims = { log: log.origin, publicKey: log.publicKey, issuedAt }
    const certificate = certified?.certificate ?? issueCertificate(claims, options.keys.signing)
    log.certify(certificate)
    log.append(buildLogOpen(nanos.toString(), openingOf(options, certificate)))
    // Without the certificate nothing behind it verifies: it is on disk before anything follows.
    log.syncNow()
    log.fillReserve()
    return watchAge({ log, uuid, control, issuedAt }, options, certified !== undefined)
  } catch (error) {
    if (certified !== undefined) options.certificates?.giveBack(certified)
    lock?.release()
    removeUnbegun(options, uuid, certified !== undefined)
    const code = systemErrorCode(error instanceof ExporterError ? error.cause : error)
    const remedy =
      code === 'ENAMETOOLONG'
        ? 'Shorten TOKENTRAIL_DIR, TOKENTRAIL_SLOT or OTEL_SERVICE_NAME.'
        : 'Give this process a writable local folder by TOKENTRAIL_DIR.'
    throw new ExporterError(
      'ERR_EXPORTER_DIRECTORY_UNUSABLE',
      `No journal can be made in ${settings.directory} (${code ?? messageOf(error)}). ${remedy}`,
      { cause: error },
    )
  }
}

/**
 * A log without record 0 is none: nobody would ever look after its folder. One that a registry has
 * certified is still to begin, and keeps its lock and its note.
 */
function removeUnbegun(
  { disk, settings }: LogOpenerOptions,
  uuid: string,
  isCertified: boolean,
): void {
  const directory = join(slotPath(settings.directory, serviceOf(settings), settings.slot), uuid)
  const { lock, registered } = logPaths(directory)
  const kept = isCertified ? [lock, registered] : []
  try {
    if (!disk.stat(directory)) return
    const paths = disk.list(directory).map((name) => join(directory, name))
    for (const path of paths) if (!kept.includes(path)) disk.remove(path)
    if (!isCertified) disk.removeDirectory(directory)
  } catch {
    // The disk that refused to make it may refuse this too.
  }
}

/** Has a certified log follow as soon as a registry has certified it. */
function watchAge(
  opened: OpenedLog,
  { certificates, clock }: LogOpenerOptions,
  isCertified: boolean,
): OpenedLog {
  if (certificates === undefined) return opened
  const { issuedAt, ...rest } = opened
  return {
    ...rest,
    get issuedAt() {
      const age = Number(clock.unixNanos() / 1_000_000_000n) - issuedAt
      if (isCertified && age < PREPARE_SECONDS) return issuedAt
      certificates.prepare()
      return certificates.isReady() ? 0 : issuedAt
    },
  }
}

/** Uuid of a log that is opened about now. */
export function createLogUuid(clock: Clock): string {
  return buildUuidV7(Number(clock.unixNanos() / 1_000_000n), randomBytes(10))
}

/** Origin of a log: `<service>/<slot>/<log uuid>`, each part through `encodeURIComponent`. */
export function originOf(settings: ExporterSettings, uuid: string): string {
  return [serviceOf(settings), settings.slot, uuid]
    .map((name) => encodeURIComponent(name))
    .join('/')
}

function processLogOptions(
  options: LogOpenerOptions,
  uuid: string,
  control: LogControl,
  certified: CertifiedLog | undefined,
): ProcessLogOptions {
  const { settings, keys, recorderVersion } = options
  const resource: ResourceAttributes = { 'service.instance.id': uuid, ...settings.resource }
  const service = serviceOf(settings)
  return {
    disk: options.disk,
    clock: options.clock,
    slotDirectory: slotPath(settings.directory, service, settings.slot),
    uuid,
    origin: originOf(settings, uuid),
    ...(certified !== undefined && { key: certified.key }),
    envelope: formatEnvelope(resource, { name: SCOPE_NAME, version: recorderVersion }),
    pseudonymKey: formatPseudonymKey(keys.pseudonym.id, keys.pseudonym.epoch),
    segmentBytes: settings.limits.segmentBytes,
    durability: settings.durability,
    maxWaitMillis: settings.limits.maxWaitMillis,
    scheduler: options.scheduler,
    takeLock: options.takeLock,
    onCommit: (end) => control.commit(end),
    onSyncFailure: options.onSyncFailure,
    onSyncLate: options.onSyncLate,
    onFault: options.onFault,
    reserveBytes: settings.limits.reserveBytes,
    opensReserve: settings.failurePolicy === 'fail-closed',
    onReserveUsed: options.onReserveUsed,
    onCheckpoint: options.onCheckpoint,
  }
}

function openingOf(
  options: LogOpenerOptions,
  certificate: string,
): Parameters<typeof buildLogOpen>[1] {
  const { settings, keys, hooks, recorderVersion, policyVersion } = options
  return {
    certificate,
    pseudonymKey: keys.pseudonym,
    hooks,
    volume: volumeKind(settings.directory),
    recorderVersion,
    ...(policyVersion === undefined ? {} : { policyVersion }),
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown error'
}
