import type { Disk } from '../disk/disk.ts'
import { readBytes, writeFully } from '../disk/files.ts'
import { ExporterError, systemErrorCode } from '../errors.ts'
import type { Position } from './cursor.ts'
import { type FrameContent, FrameWriter } from './frame.ts'
import { segmentPath } from './layout.ts'
import { SEGMENT_HEADER_BYTES, encodeSegmentHeader } from './segment.ts'

export interface JournalOptions {
  readonly disk: Disk
  /** The log's own directory; it exists. */
  readonly directory: string
  /** Uuid of the log. */
  readonly log: string
  /** Size at which a new segment is begun, in bytes. */
  readonly segmentBytes: number
  /** Told after every append how far whole frames reach. */
  readonly onCommit: (end: Position) => void
  /** Told when flushing failed; records of this segment survive the process, not a power cut. */
  readonly onSyncFailure: (code: string) => void
}

interface OpenSegment {
  readonly path: string
  readonly firstIndex: number
  readonly descriptor: number
  readonly inode: bigint
  /** Where the next frame goes; everything before it is whole. */
  end: number
}

/**
 * A log's frames on disk: segments that only grow. When {@link Journal.append} returns, `write(2)`
 * of whole frames has returned, so they survive the death of the process.
 *
 * Owner of all state: the thread that made it.
 */
export class Journal {
  readonly #options: JournalOptions
  readonly #frames: FrameWriter = new FrameWriter()
  #segment: OpenSegment | undefined
  /** The segment whose flush is running; its descriptor must stay open until it is done. */
  #syncing: OpenSegment | undefined
  #closed = false

  constructor(options: JournalOptions) {
    this.#options = options
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
      const rolled = this.#needsSegment(frames.length)
      if (rolled) this.#beginSegment(firstIndex)
      this.#write(frames)
      return rolled
    } catch (error) {
      const code = systemErrorCode(error) ?? 'unknown error'
      throw new ExporterError(
        'ERR_EXPORTER_JOURNAL_WRITE_FAILED',
        `The journal in ${this.#options.directory} could not be written (${code}).`,
        { cause: error },
      )
    }
  }

  /** Flushes what was appended so far, behind the caller's back. One flush runs at a time. */
  syncLater(): void {
    const segment = this.#segment
    if (!segment || this.#syncing || this.#closed || segment.end === SEGMENT_HEADER_BYTES) return
    this.#syncing = segment
    this.#options.disk.syncDataLater(segment.descriptor, (error) => {
      this.#syncing = undefined
      // After one failed flush the kernel reports the next as good (USENIX ATC 2020, Rebello et al.),
      // so this file is left alone and the next record begins another.
      if (error && this.#segment === segment) this.#segment = undefined
      if (this.#segment !== segment || this.#closed) this.#options.disk.close(segment.descriptor)
      if (error) this.#options.onSyncFailure(systemErrorCode(error) ?? 'unknown error')
    })
  }

  /**
   * Looks whether the segment's file still has its name, and gives it back when it was unlinked or
   * replaced: its bytes are still there, behind the open descriptor. A stranger under its name is
   * moved aside to `<name>.replaced`.
   *
   * @returns Whether something had to be put right.
   */
  restoreIfReplaced(): boolean {
    const segment = this.#segment
    if (!segment || this.#closed) return false
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
    this.#release(segment)
    const { inode } = disk.fileStat(descriptor)
    this.#segment = { ...segment, descriptor, inode }
    return true
  }

  /** Flushes and closes. Idempotent. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    const segment = this.#segment
    if (!segment) return
    try {
      this.#options.disk.syncData(segment.descriptor)
    } catch (error) {
      this.#options.onSyncFailure(systemErrorCode(error) ?? 'unknown error')
    }
    this.#release(segment)
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
    const isEmpty = segment.end === SEGMENT_HEADER_BYTES
    return !isEmpty && segment.end + bytes > this.#options.segmentBytes
  }

  /**
   * `open(O_EXCL) → write header → fdatasync → fsync(directory)`. The first segment of a log waits
   * for the flushes. Later ones do not: on ext4 they took 35 ms in the middle of a busy second, and
   * the promise is to survive the process, which an unflushed file does.
   */
  #beginSegment(firstIndex: number): void {
    const { disk, directory, log } = this.#options
    const path = segmentPath(directory, firstIndex)
    const descriptor = disk.open(path, 'create')
    const previous = this.#segment
    try {
      writeFully(disk, descriptor, encodeSegmentHeader({ log, firstIndex }), 0)
      if (!previous) {
        disk.syncData(descriptor)
        disk.syncDirectory(directory)
      }
    } catch (error) {
      disk.close(descriptor)
      disk.remove(path)
      throw error
    }
    const { inode } = disk.fileStat(descriptor)
    this.#segment = { path, firstIndex, descriptor, inode, end: SEGMENT_HEADER_BYTES }
    if (previous) this.#leave(previous)
  }

  #write(frames: Buffer): void {
    const segment = this.#segment
    if (!segment) throw new TypeError('no segment is open')
    const { disk, onCommit } = this.#options
    try {
      writeFully(disk, segment.descriptor, frames, segment.end)
    } catch (error) {
      this.#discardTorn(segment)
      throw error
    }
    segment.end += frames.length
    onCommit({ segment: segment.firstIndex, offset: segment.end })
  }

  /** Frames are written at their place, so a torn one that cannot be cut off is overwritten. */
  #discardTorn(segment: OpenSegment): void {
    try {
      this.#options.disk.truncate(segment.descriptor, segment.end)
    } catch {
      // The disk that refused the write may refuse this too; the next append writes over it.
    }
  }

  /** Flushes a full segment and the name of the next one, behind the caller's back. */
  #leave(segment: OpenSegment): void {
    const { disk, directory, onSyncFailure } = this.#options
    const report = (error: Error | null) => {
      if (error) onSyncFailure(systemErrorCode(error) ?? 'unknown error')
    }
    disk.syncDirectoryLater(directory, report)
    if (this.#syncing === segment) return
    disk.syncDataLater(segment.descriptor, (error) => {
      disk.close(segment.descriptor)
      report(error)
    })
  }

  #release(segment: OpenSegment): void {
    if (this.#syncing !== segment) this.#options.disk.close(segment.descriptor)
  }
}
