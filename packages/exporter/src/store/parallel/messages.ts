import type { ExportPart, PartResult } from './part-reader.ts'

/** What a thread is asked: to read this part. */
export interface PartRequest {
  readonly part: ExportPart
  readonly bound: { readonly maxLineBytes?: number }
}

/** What a thread says. */
export type PartReport =
  | { readonly type: 'progress'; readonly bytes: number }
  | { readonly type: 'result'; readonly result: PartResult }
  /** The part's file cannot be opened. */
  | { readonly type: 'unreadable'; readonly message: string }
