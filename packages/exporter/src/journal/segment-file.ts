import type { FrameCopies } from './frame-copies.ts'

/** A segment that this process writes, or has written and not flushed yet. Owner: the journal. */
export interface SegmentFile {
  readonly path: string
  readonly firstIndex: number
  readonly descriptor: number
  readonly inode: bigint
  /** Where the next frame goes; everything before it is whole. */
  end: number
  /** Everything before it was flushed. */
  flushed: number
  /** Whether nothing is appended to it any more: once flushed it is closed. */
  isLeft: boolean
  /** Whether a flush of it failed: it is never flushed, nor written to, again. */
  isPoisoned: boolean
  /** What was not flushed yet; only in `disk` mode. */
  readonly copies: FrameCopies | undefined
}
