import type { Disk } from '../disk/disk.ts'
import { closeQuietly, readBytes, writeFully } from '../disk/files.ts'
import { ExporterError, systemErrorCode } from '../errors.ts'
import type { Scheduler } from '../scheduler.ts'
import type { Position } from './cursor.ts'
import { FrameCopies } from './frame-copies.ts'
import { type FrameContent, FrameWriter } from './frame.ts'
import { GroupFlush } from './group-flush.ts'
import { segmentPath } from './layout.ts'
import { rescueSegment } from './rescue.ts'
import type { SegmentFile } from './segment-file.ts'
import { SEGMENT_HEADER_BYTES, encodeSegmentHeader } from './segment.ts'
import { TailWatch } from './tail-watch.ts'
import { clearUnflushed, noteUnflushed } from './unflushed.ts'

/** What an appended frame survives: the death of the process, or the loss of power too. */
export type Durability = 'process' | 'disk'

export interface JournalOptions {
  readonly disk: Disk
  /** The log's own directory; it exists. */
  readonly directory: string
  /** Uuid of the log. */
  readonly log: string
  /** Size at which a new segment is begun, in bytes. */
  readonly segmentBytes: number
  readonly durability: Durability
  readonly scheduler: Scheduler
  /** Longest that {@link Journal.settled} is waited for, in milliseconds. */
  readonly maxWaitMillis: number
  /**
   * Told how far whole frames reach that may be delivered: in `process` mode after every append, in
   * `disk` mode after every flush, so that nothing is delivered that a power cut could undo here.
   */
  readonly onCommit: (end: Position) => void
  /** Told when flushing failed, with the system's code. */
  readonly onSyncFailure: (code: string) => void
  /** Told of what one of our own functions threw in the background. Must not throw. */
  readonly onFault: (error: unknown) => void
  /** Told when a flush took longer than anybody may wait. */
  readonly onSyncLate: () => void
}

/**
 * A log's frames on disk: segments that only grow. When {@link Journal.append} returns, `write(2)`
 * of whole frames has returned, so they survive the death of the process. When the promise of
 * {@link Journal.settled} resolves within its limit, the fdatasync of their group has returned.
 *
 * Owner of all state: the thread that made it.
 */
export class Journal {
  readonly #options: JournalOptions
  readonly #frames: FrameWriter = new FrameWriter()
  readonly #flush: GroupFlush
  readonly #watch: TailWatch = new TailWatch()
  #segment: SegmentFile | undefined
  #bytes = 0
  /** Whether a segment was put back since somebody asked. */
  #wasRestored = false
  #isClosed = false

  constructor(options: JournalOptions) {
    const { disk, directory, onFault, onSyncFailure, onSyncLate } = options
    this.#options = options
    this.#flush = new GroupFlush({
      disk,
      directory,
      scheduler: options.scheduler,
      waitMillis: options.maxWaitMillis,
      onFlushed: (file, end) => this.#flushed(file, end),
      onPoisoned: (file) => {
        if (this.#segment === file) this.#segment = undefined
        noteUnflushed(disk, file.path)
      },
      rescue: (file) => {
        const rescued = rescueSegment(disk, directory, options.log, file)
        clearUnflushed(disk, file.path)
        return rescued
      },
      onFailure: onSyncFailure,
      onFault,
      onLate: onSyncLate,
    })
  }

  /** Bytes of all frames that were appended. */
  get bytes(): number {
    return this.#bytes
  }

  /** Whether somebody waited for a flush in vain, and none has returned since. */
  get isLate(): boolean {
    return this.#flush.isLate
  }

  /** Where the next frame goes, or `undefined` before the first. */
  get end(): Position | undefined {
    return this.#segment && { segment: this.#segment.firstIndex, offset: this.#segment.end }
  }

  /**
   * Appends frames, all or none, in one `write`. All belong to one record: the identities that it
   * is the first to use, then the record itself.
   *
   * @returns Whether a new segment was begun for them.
   * @throws {ExporterError} `ERR_EXPORTER_JOURNAL_WRITE_FAILED` with the system's error as `cause`;
   *   `ERR_EXPORTER_RECORD_TOO_LARGE`. Nothing was appended then.
   */
  append(contents: readonly FrameContent[]): boolean {
    const frames = this.#encode(contents)
    const firstIndex = contents[0]?.index ?? 0
    try {
      if (!this.#needsSegment(frames.length) && this.#writeIfFits(frames)) return false
      this.#restoreBeforeRoll()
      const previous = this.#segment
      this.#beginSegment(firstIndex)
      this.#write(frames)
      if (previous) this.#flush.begin()
      return true
    } catch (error) {
      const code = systemErrorCode(error) ?? 'unknown error'
      throw new ExporterError(
        'ERR_EXPORTER_JOURNAL_WRITE_FAILED',
        `The journal in ${this.#options.directory} could not be written (${code}).`,
        { cause: error },
      )
    }
  }

  /** See {@link GroupFlush.settled}. */
  settled(): Promise<void> | undefined {
    return this.#flush.settled()
  }

  /** Flushes what was appended so far, behind the caller's back. One flush runs at a time. */
  syncLater(): void {
    this.#flush.begin()
  }

  /** Flushes what was appended so far, on this stack. Returns whether it was. */
  syncNow(): boolean {
    return this.#flush.flushNow()
  }

  /**
   * Looks whether the segment's file still has its name, and gives it back when it was unlinked or
   * replaced: its bytes are still there, behind the open descriptor. A stranger under its name is
   * moved aside to `<name>.replaced`. Sequence: `open(O_EXCL) → write → fdatasync →
   * fsync(directory)`.
   *
   * @returns Whether something had to be put right.
   */
  restoreIfReplaced(): boolean {
    const before = this.#wasRestored
    this.#wasRestored = false
    return this.#restore() || before
  }

  /** Whether somebody cut or overwrote the segment's file since it was last asked. */
  isCut(): boolean {
    const segment = this.#segment
    if (!segment) return false
    const { disk, log } = this.#options
    const head = encodeSegmentHeader({ log, firstIndex: segment.firstIndex })
    return !this.#watch.look(disk, segment, head)
  }

  /** Nobody looks after a segment that was left: its bytes would go with its descriptor. */
  #restoreBeforeRoll(): void {
    try {
      if (this.#restore()) this.#wasRestored = true
    } catch {
      // The disk is not as it should be, and the append that follows says so.
    }
  }

  #restore(): boolean {
    const segment = this.#segment
    if (!segment || this.#isClosed) return false
    const { disk, directory } = this.#options
    const found = disk.stat(segment.path)
    if (found?.inode === segment.inode) return false
    disk.makeDirectory(directory)
    if (found) disk.rename(segment.path, `${segment.path}.replaced`)
    const bytes = readBytes(disk, segment.descriptor, 0, segment.end)
    const descriptor = disk.open(segment.path, 'create')
    writeFully(disk, descriptor, bytes, 0)
    disk.syncData(descriptor)
    disk.syncDirectory(directory)
    const { inode } = disk.fileStat(descriptor)
    const copies = this.#createCopies()
    this.#segment = { ...segment, descriptor, inode, copies, flushed: segment.end }
    this.#flush.replace(segment, this.#segment)
    return true
  }

  /**
   * Flushes and closes, on this stack. Idempotent.
   *
   * @returns Whether everything was flushed.
   */
  close(): boolean {
    this.#isClosed = true
    return this.#flush.close()
  }

  #encode(contents: readonly FrameContent[]): Buffer {
    this.#frames.clear()
    try {
      for (const content of contents) this.#frames.add(content)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      throw new ExporterError('ERR_EXPORTER_RECORD_TOO_LARGE', 'A record is too large to be kept.')
    }
    return this.#frames.bytes
  }

  #needsSegment(bytes: number): boolean {
    const segment = this.#segment
    if (!segment) return true
    return !this.#isEmpty && segment.end + bytes > this.#options.segmentBytes
  }

  get #isEmpty(): boolean {
    return this.#segment?.end === SEGMENT_HEADER_BYTES
  }

  /**
   * `open(O_EXCL) → write header → fdatasync → fsync(directory)`. The first segment of a log waits
   * for the flushes. Later ones leave them to the next group: on ext4 they took 35 ms in the middle
   * of a busy second. Nobody is told that something in the segment is on disk before they
   * returned.
   */
  #beginSegment(firstIndex: number): void {
    const { disk, directory, log } = this.#options
    const path = segmentPath(directory, firstIndex)
    const descriptor = disk.open(path, 'create')
    const previous = this.#segment
    let inode: bigint
    try {
      writeFully(disk, descriptor, encodeSegmentHeader({ log, firstIndex }), 0)
      inode = disk.fileStat(descriptor).inode
      if (firstIndex === 0) {
        disk.syncData(descriptor)
        disk.syncDirectory(directory)
      }
    } catch (error) {
      closeQuietly(disk, descriptor)
      disk.remove(path)
      throw error
    }
    this.#segment = {
      path,
      firstIndex,
      descriptor,
      inode,
      end: SEGMENT_HEADER_BYTES,
      flushed: SEGMENT_HEADER_BYTES,
      isLeft: false,
      isPoisoned: false,
      copies: this.#createCopies(),
    }
    this.#flush.add(this.#segment)
    if (previous) previous.isLeft = true
  }

  #createCopies(): FrameCopies | undefined {
    return this.#options.durability === 'disk' ? new FrameCopies() : undefined
  }

  /** Returns `false` where the system allows no larger file (`ulimit -f`): a new one may do. */
  #writeIfFits(frames: Buffer): boolean {
    try {
      this.#write(frames)
      return true
    } catch (error) {
      if (systemErrorCode(error) === 'EFBIG' && !this.#isEmpty) return false
      throw error
    }
  }

  #write(frames: Buffer): void {
    const segment = this.#segment
    if (!segment) throw new TypeError('no segment is open')
    const { disk, durability, onCommit } = this.#options
    try {
      writeFully(disk, segment.descriptor, frames, segment.end)
    } catch (error) {
      this.#discardTorn(segment)
      throw error
    }
    segment.end += frames.length
    this.#bytes += frames.length
    if (durability === 'process') onCommit({ segment: segment.firstIndex, offset: segment.end })
    else segment.copies?.add(frames)
  }

  #flushed(file: SegmentFile, end: number): void {
    if (this.#options.durability === 'process') return
    this.#options.onCommit({ segment: file.firstIndex, offset: end })
  }

  /** Frames are written at their place, so a torn one that cannot be cut off is overwritten. */
  #discardTorn(segment: SegmentFile): void {
    try {
      this.#options.disk.truncate(segment.descriptor, segment.end)
    } catch {
      // The disk that refused the write may refuse this too; the next append writes over it.
    }
  }
}
