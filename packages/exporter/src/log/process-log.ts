import { join } from 'node:path'
import {
  type CheckpointMembers,
  buildCheckpointNote,
  encodeCheckpointMembers,
  formatBase64,
} from '@tokentrail/ledger'
import {
  EVENT_TOKENTRAIL_LOG_CHECKPOINT,
  EVENT_TOKENTRAIL_LOG_CLOSE,
} from '@tokentrail/semantic-conventions'
import {
  type Clock,
  type Identity,
  type RecordDraft,
  type RecordEncoder,
  createRecordEncoder,
  encodeIdentity,
} from '@tokentrail/session'
import type { Disk } from '../disk/disk.ts'
import { makeDirectoryDurably, writeDurably } from '../disk/files.ts'
import { ExporterError, systemErrorCode } from '../errors.ts'
import type { Position } from '../journal/cursor.ts'
import { type LogEnd, formatLogEnd } from '../journal/end.ts'
import type { FrameContent } from '../journal/frame.ts'
import { type Durability, Journal } from '../journal/journal.ts'
import { type LogPaths, logPaths } from '../journal/layout.ts'
import type { Lock } from '../journal/lock.ts'
import { Reserve } from '../journal/reserve.ts'
import type { Scheduler } from '../scheduler.ts'
import { createInstanceKey, type InstanceKey } from './instance-key.ts'
import { LeafWindow } from './leaf-window.ts'
import { EVERY_ROUTE, isAboutLog, routesOf } from './routes.ts'

export interface ProcessLogOptions {
  readonly disk: Disk
  readonly clock: Clock
  /** Directory of the slot; the log makes its own in it. */
  readonly slotDirectory: string
  /** Uuid v7 of the log, and the origin that ends in it. */
  readonly uuid: string
  readonly origin: string
  /** Key that was certified before the log is opened. Default is a new one. */
  readonly key?: InstanceKey
  /** Content of `envelope.json`. */
  readonly envelope: string
  /** Id and epoch of the pseudonym key, as identity records name it. */
  readonly pseudonymKey: string
  readonly segmentBytes: number
  readonly durability: Durability
  readonly maxWaitMillis: number
  readonly scheduler: Scheduler
  readonly takeLock: (path: string) => Lock | undefined
  readonly onCommit: (end: Position) => void
  readonly onSyncFailure: (code: string) => void
  readonly onSyncLate: () => void
  /** Told of what one of our own functions threw in the background. Must not throw. */
  readonly onFault: (error: unknown) => void
  /** Bytes on the disk that are kept for records about the log. */
  readonly reserveBytes: number
  /** Whether every record may take room of the reserve, not only those about the log. */
  readonly opensReserve: boolean
  /** Told when a record did, with the system's code for what forced it. */
  readonly onReserveUsed: (code: string) => void
  /** Told of every checkpoint, whatever it was cut for. */
  readonly onCheckpoint: () => void
}

/** A checkpoint carries the frontier when the last one that did is this old. */
const FRONTIER_MILLIS = 50_000

/** `"certificate":"",` */
const CERTIFICATE_MEMBER_BYTES = 17

const NANOS_PER_MILLI = 1_000_000n
const NANOS_PER_SECOND = 1_000_000_000n

/**
 * The log of one process run: gives out indexes, keeps records in the journal and their leaves in
 * the tree, and signs it. Everything is synchronous; one thread owns it.
 *
 * An index is taken only by a record that the journal has taken whole, so the tree has no holes.
 */
export class ProcessLog {
  readonly paths: LogPaths
  readonly #options: ProcessLogOptions
  readonly #lock: Lock
  readonly #lockInode: bigint | undefined
  readonly #journal: Journal
  readonly #reserve: Reserve
  readonly #encoder: RecordEncoder
  readonly #window: LeafWindow
  readonly #key: InstanceKey
  #certificate: string | undefined
  #frontierMillis = 0
  #lastSeconds = 0n
  #isEnding = false

  /**
   * Makes the log's directory, lock and envelope: `[mkdir → fsync(parent)] → lock → envelope as
   * writeDurably does it`, so that a power cut takes none of them once record 0 is on disk.
   *
   * @throws {ExporterError} `ERR_EXPORTER_LOG_LOCKED` when another process holds a log of this
   *   uuid.
   */
  constructor(options: ProcessLogOptions) {
    const { disk, slotDirectory, uuid, origin } = options
    this.paths = logPaths(join(slotDirectory, uuid))
    makeDirectoryDurably(disk, this.paths.directory)
    const lock = options.takeLock(this.paths.lock)
    if (!lock) {
      const message = `The log ${this.paths.directory} belongs to another process.`
      throw new ExporterError('ERR_EXPORTER_LOG_LOCKED', message)
    }
    writeDurably(disk, this.paths.envelope, options.envelope)
    this.#options = options
    this.#lock = lock
    this.#lockInode = disk.stat(this.paths.lock)?.inode
    this.#reserve = new Reserve(disk, this.paths.reserve, options.reserveBytes)
    this.#journal = new Journal({ ...options, directory: this.paths.directory, log: uuid })
    this.#encoder = createRecordEncoder(origin)
    this.#window = new LeafWindow(origin)
    this.#key = options.key ?? createInstanceKey(origin)
  }

  get origin(): string {
    return this.#options.origin
  }

  /** Public part of the log's key, for its certificate. */
  get publicKey(): InstanceKey['publicKey'] {
    return this.#key.publicKey
  }

  /** Takes the log's certificate, for checkpoints; call it before the first record. */
  certify(certificate: string): void {
    this.#certificate = certificate
    this.#window.reserve(certificate.length + CERTIFICATE_MEMBER_BYTES)
  }

  /** Number of records. */
  get size(): number {
    return this.#window.size
  }

  /** Number of records that the last checkpoint covers; also its index. */
  get signedSize(): number {
    return this.#window.from
  }

  /** Number of records since the last checkpoint record, not counting that one. */
  get uncovered(): number {
    return this.#window.pending - (this.#window.from > 0 ? 1 : 0)
  }

  /** Bytes of all frames that were appended. */
  get bytes(): number {
    return this.#journal.bytes
  }

  /** Whether a response did not wait for its flush, because it took too long. */
  get isLate(): boolean {
    return this.#journal.isLate
  }

  /** Whether the lock's file is not the one that was locked: another process may take a new one. */
  get isLockLost(): boolean {
    return this.#options.disk.stat(this.paths.lock)?.inode !== this.#lockInode
  }

  /** Where the journal ends. */
  get end(): Position | undefined {
    return this.#journal.end
  }

  /** What a successor says of this log. */
  get head(): LogEnd {
    const { size, from } = this.#window
    return { kind: 'sealed', size, root: formatBase64(this.#window.root()), lastSignedSize: from }
  }

  /**
   * Appends one record, before it a checkpoint if there is no room for another leaf, and its
   * identities.
   *
   * @throws {ExporterError} `ERR_EXPORTER_JOURNAL_WRITE_FAILED`, `ERR_EXPORTER_RECORD_TOO_LARGE`,
   *   and the errors of `RecordEncoder`. Nothing was appended then.
   */
  append(draft: RecordDraft, identities: readonly Identity[] = []): void {
    const routes = routesOf(draft)
    if (this.#window.isFullFor(routes)) this.#makeRoom(routes)
    this.#write(draft, routes, this.#encodeIdentities(identities))
  }

  /** Appends a checkpoint record over everything so far. Errors are those of {@link append}. */
  checkpoint(): void {
    const nowMillis = Number(this.#options.clock.unixNanos() / NANOS_PER_MILLI)
    // A clock that was set back is no reason to wait.
    const withFrontier = Math.abs(nowMillis - this.#frontierMillis) >= FRONTIER_MILLIS
    const seconds = this.#nextSeconds()
    const window = this.#window.content(withFrontier)
    const content = {
      ...window,
      // With both, whoever has a slice of the log from here on can verify it alone.
      ...(window.frontier && this.#certificate && { certificate: this.#certificate }),
      note: this.#signHead(seconds),
    }
    this.#writeCheckpoint(this.#ownTime(), encodeCheckpointMembers(content))
    if (withFrontier) this.#frontierMillis = nowMillis
  }

  /** Bytes that {@link fillReserve} would take. */
  get missingReserve(): number {
    return this.#reserve.missing
  }

  /** Gives up a part of the reserve, for records about the log. */
  giveReserve(): void {
    this.#reserve.give()
  }

  /** Makes the reserve whole. Returns whether the disk has room beyond it. */
  fillReserve(): boolean {
    return this.#reserve.fill()
  }

  /**
   * Returns a promise that resolves when everything appended so far survives a power cut, or the
   * longest wait is over; `undefined` when nothing is to be waited for. It never rejects.
   */
  settled(): Promise<void> | undefined {
    return this.#options.durability === 'disk' ? this.#journal.settled() : undefined
  }

  /** Flushes what was appended, on this stack. Returns whether it was. */
  syncNow(): boolean {
    return this.#journal.syncNow()
  }

  /** Has what was appended flushed, so that it may be delivered. */
  settleSoon(): void {
    this.#journal.syncLater()
  }

  /** Whether somebody cut or overwrote the journal's file since it was last asked. */
  isCut(): boolean {
    return this.#journal.isCut()
  }

  /** Flushes what was appended, behind the caller's back, and puts back a file that lost its name. */
  tend(): boolean {
    const restored = this.#putBack()
    this.#journal.syncLater()
    return restored
  }

  /**
   * Ends the log: a checkpoint if a record is not covered yet, `log.close`, the closing checkpoint.
   * Errors are those of {@link append}; the log is then not sealed. Idempotent. Sequence: `write →
   * fdatasync → end.json as writeDurably does it`.
   *
   * @param reason - One word, e.g. `shutdown`.
   */
  seal(reason: string): void {
    if (this.#isEnding) return
    this.#isEnding = true
    this.#reserve.remove()
    this.#putBackAtLast()
    if (this.uncovered > 0) this.checkpoint()
    const members = { count: this.#window.size, reason }
    const draft = { type: EVENT_TOKENTRAIL_LOG_CLOSE, time: this.#ownTime(), members }
    this.#write(draft, EVERY_ROUTE, [])
    this.#writeClosingCheckpoint()
    // Without a flush a power cut could leave an end that says more than the journal holds.
    if (!this.#journal.close()) return
    writeDurably(this.#options.disk, this.paths.end, formatLogEnd(this.head))
  }

  /** Closes the journal's file. The lock stays until {@link release}. */
  closeJournal(): void {
    this.#journal.close()
  }

  /** Gives up the lock: from now on another process may adopt what was not delivered. */
  release(): void {
    this.#lock.release()
  }

  #putBack(): boolean {
    const restored = this.#journal.restoreIfReplaced()
    if (restored) writeDurably(this.#options.disk, this.paths.envelope, this.#options.envelope)
    return restored
  }

  /** What has no name now would go with its descriptor: nobody looks after it any more. */
  #putBackAtLast(): void {
    try {
      this.#putBack()
    } catch {
      // Whoever holds the file open can still be given its end.
    }
  }

  /** Nothing in it is free: `integrity` rebuilds its text from the note, `from` and the leaves. */
  #writeClosingCheckpoint(): void {
    const seconds = this.#nextSeconds()
    const { from, leafHashes } = this.#window.content(false)
    const members = encodeCheckpointMembers({ note: this.#signHead(seconds), from, leafHashes })
    this.#writeCheckpoint(`${seconds}000000000`, members)
  }

  #writeCheckpoint(time: string, members: CheckpointMembers): void {
    const draft = { type: EVENT_TOKENTRAIL_LOG_CHECKPOINT, time, members: { ...members } }
    this.#write(draft as RecordDraft, EVERY_ROUTE, [], () => this.#window.restart())
    this.#options.onCheckpoint()
  }

  #write(
    draft: RecordDraft,
    routes: readonly string[],
    identityFrames: readonly FrameContent[],
    kept?: () => void,
  ): void {
    const index = this.#window.size
    const { text, json, textStart, textEnd } = this.#encoder.encode(draft, index)
    const record: FrameContent = { kind: 'record', index, json, textStart, textEnd }
    const isNewSegment = this.#keep([...identityFrames, record], draft.type)
    // Whoever recovers the log needs a frontier near its end.
    if (isNewSegment) this.#frontierMillis = 0
    kept?.()
    this.#window.append(text, routes)
  }

  #keep(frames: readonly FrameContent[], type: string): boolean {
    try {
      return this.#journal.append(frames)
    } catch (error) {
      const code = error instanceof ExporterError ? systemErrorCode(error.cause) : undefined
      const { opensReserve, onReserveUsed } = this.#options
      const mayUse = opensReserve || isAboutLog(type)
      if (!mayUse || (code !== 'ENOSPC' && code !== 'EDQUOT') || !this.#reserve.give()) throw error
      onReserveUsed(code)
      return this.#journal.append(frames)
    }
  }

  #encodeIdentities(identities: readonly Identity[]): readonly FrameContent[] {
    if (identities.length === 0) return []
    const { clock, origin, pseudonymKey } = this.#options
    const time = clock.unixNanos().toString()
    return identities.map((identity) => {
      const { json, textStart, textEnd } = encodeIdentity(identity, origin, time, pseudonymKey)
      return { kind: 'identity', index: this.#window.size, json, textStart, textEnd }
    })
  }

  #makeRoom(routes: readonly string[]): void {
    this.checkpoint()
    if (!this.#window.isFullFor(routes)) return
    throw new ExporterError(
      'ERR_EXPORTER_RECORD_TOO_LARGE',
      'A record names more frameworks than a checkpoint can say of one leaf.',
    )
  }

  #signHead(timestamp: bigint): string {
    const { signer, cosigner } = this.#key
    const { size } = this.#window
    return buildCheckpointNote({ size, root: this.#window.root(), timestamp, signer, cosigner })
  }

  /** A clock that was set back must not make a later head look older than an earlier one. */
  #nextSeconds(): bigint {
    const seconds = this.#options.clock.unixNanos() / NANOS_PER_SECOND
    if (seconds > this.#lastSeconds) this.#lastSeconds = seconds
    return this.#lastSeconds
  }

  /** What the log says of itself goes no further back than its last head, as the head does. */
  #ownTime(): string {
    const now = this.#options.clock.unixNanos()
    const last = this.#nextSeconds() * NANOS_PER_SECOND
    return (now > last ? now : last).toString()
  }
}
