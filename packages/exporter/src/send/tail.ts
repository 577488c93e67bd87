import type { Disk } from '../disk/disk.ts'
import { closeQuietly, readBytes } from '../disk/files.ts'
import { systemErrorCode } from '../errors.ts'
import type { Position } from '../journal/cursor.ts'
import { FRAME_OVERHEAD_BYTES, MAX_WIRE_BYTES, readFrame } from '../journal/frame.ts'
import { listSegments, segmentPath } from '../journal/layout.ts'
import type { JournalDamage } from '../journal/quarantine.ts'
import { findFrame, scanFrames, upTo } from '../journal/scan.ts'
import { SEGMENT_HEADER_BYTES, decodeSegmentHeader, formatSegmentName } from '../journal/segment.ts'
import { type BatchLimits, FrameJoiner } from './frame-joiner.ts'
import type { Frames } from './joined-frames.ts'

/** Some frames of a log, in order. */
export interface Batch {
  /** Wire bytes of each frame; they stay valid until the next call of {@link Tail.next}. */
  readonly frames: Frames
  /** What the cursor becomes when all of them are delivered. */
  readonly end: Position
  /** Lowest index that a frame behind them can have. */
  readonly nextIndex: number
  /** Whether more frames would not have fitted. */
  readonly isFull: boolean
}

interface OpenFile {
  readonly segment: number
  readonly descriptor: number
}

/** Room before the frames for what an envelope begins with. */
const ENVELOPE_BYTES = 8_192

const MAX_FRAME_BYTES = FRAME_OVERHEAD_BYTES + MAX_WIRE_BYTES

/**
 * Reads a log's frames behind the one that appends them, from the cursor to the committed end. What
 * is damaged is reported and passed over, never sent and never removed. After a failed flush the
 * same frames stand in two files: the first is sent.
 *
 * Owner: the delivery worker.
 */
export class Tail {
  readonly #disk: Disk
  readonly #directory: string
  readonly #limits: BatchLimits
  readonly #report: (damage: JournalDamage) => void
  readonly #buffer: Buffer
  readonly #joiner: FrameJoiner
  #position: Position | undefined
  /** Lowest index that the frame at {@link position} can have. */
  #nextIndex = 0
  /** Whether a frame has that index, if nothing is missing. */
  #isIndexExact = false
  /** Whether damage was reported of the segment that is being read. */
  #isDamaged = false
  #file: OpenFile | undefined
  /** Segment whose head was looked at last. */
  #checkedHead: number | undefined

  constructor(
    disk: Disk,
    directory: string,
    start: Position | undefined,
    limits: BatchLimits,
    report: (damage: JournalDamage) => void,
  ) {
    this.#disk = disk
    this.#directory = directory
    this.#position = start
    this.#nextIndex = start?.segment ?? 0
    this.#limits = limits
    this.#report = report
    this.#joiner = new FrameJoiner(limits)
    const bytes = ENVELOPE_BYTES + limits.maxBatchBytes + MAX_FRAME_BYTES
    this.#buffer = Buffer.allocUnsafeSlow(bytes)
  }

  /**
   * Returns the frames behind the last batch that was {@link pass}ed, as many as are there and fit.
   *
   * @param end - How far frames are whole. Segments before that one are read to the end of the
   *   file.
   * @returns `undefined` when there is none, or the disk does not give them at present.
   */
  next(end: Position, isFinal: boolean): Batch | undefined {
    try {
      return this.#next(end, isFinal)
    } catch (error) {
      // A bad sector, most likely: whoever reads a log that is closed passes over it.
      if (systemErrorCode(error) !== 'EIO') throw error
      this.close()
      return undefined
    }
  }

  #next(end: Position, isFinal: boolean): Batch | undefined {
    for (;;) {
      const position = this.#settle(end)
      if (!position) return undefined
      const limit = this.#limitOf(position, end, isFinal)
      if (limit === undefined) return undefined
      if (isFinal) this.#checkHead(position.segment)
      const batch = this.#readBatch(position, limit)
      if (batch.frames.length > 0) return batch
      if (batch.end.offset === position.offset) return undefined
      this.#position = batch.end
    }
  }

  /** Where {@link next} reads on: behind the last batch, and behind damage that was passed over. */
  get position(): Position | undefined {
    return this.#position
  }

  /** Goes on behind a batch. */
  pass(batch: Batch): void {
    this.#position = batch.end
    this.#nextIndex = batch.nextIndex
    this.#isIndexExact = true
  }

  /**
   * Reports and passes over what is missing of the segment that is being read, when nobody writes
   * to the log any more who could put it back.
   */
  passUnreadable(end: Position): void {
    const { segment, offset } = this.#position ?? { segment: 0, offset: 0 }
    this.close()
    const next = this.#segmentBehind(segment)
    const isLast = next === undefined || next > end.segment || segment >= end.segment
    const size = this.#disk.stat(segmentPath(this.#directory, segment))?.size ?? 0
    const length = Math.max(0, (segment === end.segment ? end.offset : size) - offset)
    // After a power cut the cursor may lie behind the end: what is missing here was delivered.
    const isBeyond = segment === end.segment && offset >= end.offset
    if (!isBeyond) this.#reportBefore({ segment, offset }, length, isLast ? undefined : next)
    this.#position = isLast ? end : { segment: next, offset: SEGMENT_HEADER_BYTES }
    this.#nextIndex = this.#position.segment
    this.#isIndexExact = false
  }

  close(): void {
    const file = this.#file
    this.#file = undefined
    if (file) closeQuietly(this.#disk, file.descriptor)
  }

  /** Finds the segment and offset to read at: the cursor's, or the beginning of the next segment. */
  #settle(end: Position): Position | undefined {
    let position = this.#position
    if (!position || (position.segment < end.segment && this.#isPassed(position))) {
      const next = this.#segmentBehind(position?.segment ?? -1)
      if (next === undefined || next > end.segment) return undefined
      if (position) this.#countFrames(position.segment)
      this.#reportMissing(next)
      this.#isDamaged = false
      position = { segment: next, offset: SEGMENT_HEADER_BYTES }
    }
    this.#position = position
    return position
  }

  /** Frames are read whatever the head says; who writes to a log puts back what is not its own. */
  #checkHead(segment: number): void {
    const descriptor = this.#file?.descriptor
    if (descriptor === undefined || this.#checkedHead === segment) return
    this.#checkedHead = segment
    const head = readBytes(this.#disk, descriptor, 0, SEGMENT_HEADER_BYTES)
    if (head.length === 0 || decodeSegmentHeader(head)?.firstIndex === segment) return
    this.#report({ segment: formatSegmentName(segment), offset: 0, length: head.length })
  }

  #isPassed(position: Position): boolean {
    const file = this.#openCurrent(position.segment)
    return !file || position.offset >= this.#disk.fileStat(file.descriptor).size
  }

  /**
   * Returns where reading must stop, or `undefined` when the file is not (or no longer) there or
   * has fewer bytes than were committed: then whoever appends is putting it back, or nobody can.
   */
  #limitOf(position: Position, end: Position, isFinal: boolean): number | undefined {
    const file = this.#openCurrent(position.segment)
    if (!file) return undefined
    const { size, links } = this.#disk.fileStat(file.descriptor)
    if (position.segment !== end.segment) return size
    if (size >= end.offset) return end.offset
    if (isFinal && links > 0) return Math.max(size, position.offset)
    if (links === 0) this.close()
    return undefined
  }

  /**
   * Another file may have taken the name since: what was put back, or written again after a failed
   * flush. Of the old one the kernel may have dropped what it never wrote.
   */
  #openCurrent(segment: number): OpenFile | undefined {
    const file = this.#open(segment)
    if (!file) return undefined
    const named = this.#disk.stat(segmentPath(this.#directory, segment))
    if (!named || named.inode === this.#disk.fileStat(file.descriptor).inode) return file
    this.close()
    return this.#open(segment)
  }

  #open(segment: number): OpenFile | undefined {
    if (this.#file?.segment === segment) return this.#file
    this.close()
    const path = segmentPath(this.#directory, segment)
    if (!this.#disk.stat(path)) return undefined
    this.#file = { segment, descriptor: this.#disk.open(path, 'read') }
    return this.#file
  }

  #readBatch(position: Position, limit: number): Batch {
    const end = this.#fill(position, limit)
    const joined = this.#joiner.join(this.#buffer, ENVELOPE_BYTES, end, this.#nextIndex)
    if (!joined) return this.#readEach(position, limit)
    const { at, frames, isFull, nextIndex } = joined
    const { segment, offset } = position
    return { frames, end: { segment, offset: offset + at - ENVELOPE_BYTES }, nextIndex, isFull }
  }

  /** Looks at every frame by itself: one of them is damaged, or not to be sent. */
  #readEach(position: Position, limit: number): Batch {
    const { maxBatchRecords, maxBatchBytes } = this.#limits
    const buffer = this.#buffer
    const end = this.#fill(position, limit)
    const frames: Buffer[] = []
    let nextIndex = this.#nextIndex
    let at = ENVELOPE_BYTES
    let bytes = 0
    let isFull = false
    while (at < end && frames.length < maxBatchRecords) {
      const found = readFrame(buffer, at, end)
      if (typeof found === 'string') {
        if (found === 'short' && position.offset + end - ENVELOPE_BYTES < limit) break
        // Whatever is before the damage goes first; the next call begins with it.
        if (at > ENVELOPE_BYTES) break
        return { frames, end: this.#passDamage(position, limit), nextIndex, isFull: false }
      }
      if (found.index >= nextIndex && found.kind !== 'erased') {
        bytes += found.end - found.start + 1
        isFull = frames.length + 1 >= maxBatchRecords || bytes >= maxBatchBytes
        if (frames.length > 0 && bytes > maxBatchBytes) break
        frames.push(buffer.subarray(found.start, found.end))
        nextIndex = found.kind === 'record' ? found.index + 1 : found.index
      }
      at = found.end
    }
    const { segment, offset } = position
    return { frames, end: { segment, offset: offset + at - ENVELOPE_BYTES }, nextIndex, isFull }
  }

  /** Reads frames into the buffer, behind the room for an envelope; returns where they end. */
  #fill(position: Position, limit: number): number {
    const buffer = this.#buffer
    const descriptor = this.#file?.descriptor
    if (descriptor === undefined) return ENVELOPE_BYTES
    const end = Math.min(buffer.length, ENVELOPE_BYTES + limit - position.offset)
    let at = ENVELOPE_BYTES
    while (at < end) {
      const place = position.offset + at - ENVELOPE_BYTES
      const count = this.#disk.read(descriptor, buffer, at, end - at, place)
      if (count === 0) break
      at += count
    }
    return at
  }

  /** Finds the next frame behind damage, in the rest of the segment. */
  #passDamage(position: Position, limit: number): Position {
    const { segment, offset } = position
    const descriptor = this.#file?.descriptor
    if (descriptor === undefined) return position
    if (!this.#isIndexExact) this.#countFrames(segment, offset)
    const rest = readBytes(this.#disk, descriptor, offset, limit - offset)
    const found = findFrame(rest, 1, this.#nextIndex)
    const length = found?.at ?? rest.length
    const next = found ? undefined : this.#segmentBehind(segment)
    // Behind a failed flush there may be anything; what was there stands in the next segment.
    if (next === undefined || next > this.#nextIndex) {
      this.#reportBefore(position, length, found?.index ?? next)
      this.#isIndexExact = false
      this.#isDamaged = true
    }
    return { segment, offset: offset + length }
  }

  /** @param next - Index that comes behind the damage; none at the end of the log. */
  #reportBefore({ segment, offset }: Position, length: number, next: number | undefined): void {
    const isKnown = next !== undefined && (this.#isIndexExact || this.#isDamaged)
    const damage = isKnown
      ? upTo({ offset, length, firstIndex: this.#nextIndex }, next)
      : { offset, length }
    this.#report({ segment: formatSegmentName(segment), ...damage })
  }

  #segmentBehind(segment: number): number | undefined {
    return listSegments(this.#disk, this.#directory).find((first) => first > segment)
  }

  /**
   * Who begins in the middle of a segment, or finds none in it, does not know which index its end
   * must have: a segment that was cut off looks like one that ends there.
   *
   * @param end - Offset up to which frames count; default is the end of the file.
   */
  #countFrames(segment: number, end?: number): void {
    const file = this.#open(segment)
    if (this.#isIndexExact || this.#isDamaged || !file) return
    const size = end ?? this.#disk.fileStat(file.descriptor).size
    const bytes = readBytes(this.#disk, file.descriptor, 0, size)
    for (const found of scanFrames(bytes, SEGMENT_HEADER_BYTES, segment)) {
      if (found.type === 'frame' && found.frame.kind === 'record') {
        this.#nextIndex = Math.max(this.#nextIndex, found.frame.index + 1)
      }
    }
    this.#isIndexExact = true
  }

  /** The segments between were removed or renamed by somebody: their records are not here. */
  #reportMissing(next: number): void {
    if (this.#isIndexExact && next > this.#nextIndex) {
      this.#reportBefore({ segment: this.#nextIndex, offset: 0 }, 0, next)
    }
    this.#nextIndex = Math.max(next, this.#nextIndex)
  }
}
