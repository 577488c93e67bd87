import type { Disk } from '../disk/disk.ts'
import { systemErrorCode } from '../errors.ts'
import type { Scheduler } from '../scheduler.ts'
import { FlushGroup } from './flush-group.ts'
import type { SegmentFile } from './segment-file.ts'

export interface GroupFlushOptions {
  readonly disk: Disk
  /** The log's own directory, whose names are flushed too. */
  readonly directory: string
  readonly scheduler: Scheduler
  /** Longest that anybody waits for a flush, in milliseconds. */
  readonly waitMillis: number
  /** Everything up to the end of this file, as it was when the flush began, is on disk. */
  readonly onFlushed: (file: SegmentFile, end: number) => void
  /** A flush failed: nothing may be appended to this file any more. */
  readonly onPoisoned: (file: SegmentFile) => void
  /**
   * Writes what was not flushed of a poisoned file to a new one.
   *
   * @returns The new file; `undefined` when there is nothing to write.
   */
  readonly rescue: (file: SegmentFile) => SegmentFile | undefined
  /** Told of the first failure: once, until a flush returns again. */
  readonly onFailure: (code: string) => void
  /** Told of what one of our own functions threw after a flush. Must not throw. */
  readonly onFault: (error: unknown) => void
  /** Told when a wait ended by its limit: once, until a flush returns again. */
  readonly onLate: () => void
}

interface Mark {
  readonly file: SegmentFile
  readonly end: number
}

/**
 * Flushes the files of a journal: one flush at a time, for everything that was appended when it
 * began. Whoever comes meanwhile forms the next group.
 *
 * When the promise of {@link GroupFlush.settled} resolves before its limit, this has returned for
 * the caller's frames: `[for each file: fdatasync] → fsync(directory), when a file is new`.
 *
 * Once an fdatasync has failed, the kernel takes the pages for clean and reports the next one as
 * good (Rebello et al., USENIX ATC 2020). So that descriptor is never flushed again: what it had
 * not flushed is written to a new file, and the group waits for the flush of that one.
 *
 * Owner of all state: the thread that made it.
 */
export class GroupFlush {
  readonly #options: GroupFlushOptions
  /** In the order of their frames. */
  readonly #files: SegmentFile[] = []
  #isDirectoryBehind = false
  #running: FlushGroup | undefined
  #next: FlushGroup | undefined
  /** What the running flush began with last. */
  #mark: Mark | undefined
  /** The descriptor that a flush is running on; it must stay open until that is over. */
  #inFlight: SegmentFile | undefined
  #failures = 0
  #isLate = false
  #isClosed = false

  constructor(options: GroupFlushOptions) {
    this.#options = options
  }

  /** Whether a wait ended by its limit, or a second try failed, and no flush has returned since. */
  get isLate(): boolean {
    return this.#isLate
  }

  /** Takes a file that was just made. */
  add(file: SegmentFile): void {
    this.#files.push(file)
    this.#isDirectoryBehind = true
  }

  /** Takes a file in another's place, which is closed; the new one has been flushed. */
  replace(old: SegmentFile, file: SegmentFile): void {
    this.#put(old, file)
    if (old !== this.#inFlight) this.#close(old)
  }

  /**
   * Returns a promise that resolves when everything appended so far is on disk, or the limit has
   * passed; `undefined` when there is nothing to wait for. It never rejects.
   */
  settled(): Promise<void> | undefined {
    if (this.#isClosed || !this.#isBehind()) return undefined
    if (this.#running && this.#isCovered()) return this.#running.wait()
    this.#next ??= this.#createGroup()
    const group = this.#next
    if (!this.#running && this.#failures < 2) this.#begin()
    return group.wait()
  }

  /** Flushes behind everybody's back, if there is anything to flush and no flush is running. */
  begin(): void {
    if (!this.#running && !this.#isClosed && this.#isBehind()) this.#begin()
  }

  /**
   * Flushes everything, on this stack.
   *
   * @returns Whether it was.
   */
  flushNow(): boolean {
    if (this.#isClosed || !this.#tryFlushNow()) return false
    const last = this.#files.at(-1)
    if (last) this.#options.onFlushed(last, last.end)
    return true
  }

  /**
   * Flushes and closes everything, on this stack. Idempotent.
   *
   * @returns Whether everything was flushed.
   */
  close(): boolean {
    if (this.#isClosed) return !this.#isBehind()
    this.#isClosed = true
    // The second try writes what the first one failed to flush to a new file.
    if (!this.#tryFlushNow()) this.#tryFlushNow()
    const last = this.#files.at(-1)
    if (last) this.#options.onFlushed(last, last.end)
    for (const file of this.#files) if (file !== this.#inFlight) this.#close(file)
    this.#running?.done()
    this.#next?.done()
    return !this.#isBehind()
  }

  #createGroup(): FlushGroup {
    const { scheduler, waitMillis, onLate } = this.#options
    return new FlushGroup(scheduler, waitMillis, () => {
      if (!this.#isLate) onLate()
      this.#isLate = true
    })
  }

  #isBehind(): boolean {
    return this.#isDirectoryBehind || this.#files.some((file) => file.end > file.flushed)
  }

  #isCovered(): boolean {
    const last = this.#files.at(-1)
    return last === this.#mark?.file && last?.end === this.#mark?.end
  }

  #begin(): void {
    this.#running = this.#next ?? this.#createGroup()
    this.#next = undefined
    try {
      for (const file of this.#files.filter(({ isPoisoned }) => isPoisoned)) this.#rescue(file)
    } catch (error) {
      this.#failed(error, [])
      return
    }
    const behind = this.#files.filter((file) => file.end > file.flushed || file.isLeft)
    const marks = behind.map((file) => ({ file, end: file.end }))
    this.#mark = marks.at(-1)
    this.#flush(marks, 0)
  }

  #rescue(file: SegmentFile): void {
    const rescued = this.#options.rescue(file)
    this.#put(file, rescued)
    this.#close(file)
    if (rescued) this.#isDirectoryBehind = true
  }

  #put(old: SegmentFile, file: SegmentFile | undefined): void {
    const place = this.#files.indexOf(old)
    if (place >= 0) this.#files.splice(place, 1, ...(file ? [file] : []))
  }

  #flush(marks: readonly Mark[], at: number): void {
    const mark = marks[at]
    if (!mark) {
      this.#flushDirectory(marks)
      return
    }
    const { file } = mark
    this.#inFlight = file
    const synced = (error: Error | null): void => {
      this.#inFlight = undefined
      const isGone = !this.#files.includes(file)
      if (isGone || this.#isClosed) this.#close(file)
      if (this.#isClosed) return
      if (error && !isGone) this.#failed(error, [mark])
      else this.#flush(marks, at + 1)
    }
    this.#options.disk.syncDataLater(file.descriptor, (error) => this.#guard(() => synced(error)))
  }

  /**
   * Runs what follows a flush, where nobody stands above who could catch anything. After a fault of
   * ours whoever waited waits for the next flush, or the limit, and that flush begins afresh.
   */
  #guard(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#next ??= this.#running
      this.#running = undefined
      this.#options.onFault(error)
    }
  }

  #flushDirectory(marks: readonly Mark[]): void {
    if (!this.#isDirectoryBehind) {
      this.#finished(marks)
      return
    }
    this.#isDirectoryBehind = false
    const synced = (error: Error | null): void => {
      if (this.#isClosed) return
      if (!error) {
        this.#finished(marks)
        return
      }
      this.#isDirectoryBehind = true
      // Without its name a file counts for nothing, however well it was flushed. But a folder that is
      // gone is no fault of a disk: its files are put back from their descriptors, as they are.
      this.#failed(error, systemErrorCode(error) === 'ENOENT' ? [] : marks)
    }
    const { directory, disk } = this.#options
    disk.syncDirectoryLater(directory, (error) => this.#guard(() => synced(error)))
  }

  #finished(marks: readonly Mark[]): void {
    const last = marks.at(-1)
    this.#failures = 0
    this.#isLate = false
    for (const { file, end } of marks) {
      advance(file, end)
      if (!file.isLeft || file.end > file.flushed) continue
      this.#put(file, undefined)
      this.#close(file)
    }
    if (last) this.#options.onFlushed(last.file, last.end)
    this.#running?.done()
    this.#running = undefined
    if (this.#next) this.#begin()
  }

  /** The first failure is answered at once; from the second on the disk is given time. */
  #failed(error: unknown, poisoned: readonly Mark[]): void {
    for (const { file } of poisoned) {
      file.isPoisoned = true
      this.#options.onPoisoned(file)
    }
    const group = this.#running
    this.#running = undefined
    this.#failures++
    if (this.#failures === 1) this.#options.onFailure(systemErrorCode(error) ?? 'unknown error')
    else this.#isLate = true
    if (this.#next) group?.follow(this.#next)
    else this.#next = group
    if (this.#failures === 1) this.#begin()
  }

  #tryFlushNow(): boolean {
    try {
      this.#flushNow()
      return true
    } catch (error) {
      this.#options.onFailure(systemErrorCode(error) ?? 'unknown error')
      return false
    }
  }

  #flushNow(): void {
    const { disk, directory } = this.#options
    for (const file of this.#files.filter(({ isPoisoned }) => isPoisoned)) this.#rescue(file)
    for (const file of this.#files) {
      if (file.end === file.flushed) continue
      this.#syncNow(file)
      advance(file, file.end)
    }
    if (this.#isDirectoryBehind) disk.syncDirectory(directory)
    this.#isDirectoryBehind = false
  }

  #syncNow(file: SegmentFile): void {
    try {
      this.#options.disk.syncData(file.descriptor)
    } catch (error) {
      file.isPoisoned = true
      this.#options.onPoisoned(file)
      throw error
    }
  }

  /** Whatever it answers, the descriptor is gone (close(2)); and what counts was flushed before. */
  #close(file: SegmentFile): void {
    try {
      this.#options.disk.close(file.descriptor)
    } catch (error) {
      this.#options.onFailure(systemErrorCode(error) ?? 'unknown error')
    }
  }
}

function advance(file: SegmentFile, end: number): void {
  // A flush on the caller's stack may have gone further meanwhile.
  if (end <= file.flushed) return
  file.copies?.drop(end - file.flushed)
  file.flushed = end
}
