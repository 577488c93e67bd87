import { FrameWriter } from '../../src/journal/frame.ts'
import { encodeSegmentHeader } from '../../src/journal/segment.ts'

export const LOG = '01a20a23-1100-7c3e-9d0b-6f1e5a2c8b94'

/** JSON around a text, and where the escaped text stands in it. */
export function wire(text: string): { json: string; textStart: number; textEnd: number } {
  const head = '{"body":{"stringValue":"'
  const escaped = JSON.stringify(text).slice(1, -1)
  const textEnd = head.length + Buffer.byteLength(escaped)
  return { json: `${head}${escaped}"}}`, textStart: head.length, textEnd }
}

export function frames(texts: readonly string[], firstIndex = 0): Buffer {
  const writer = new FrameWriter()
  for (const [order, text] of texts.entries()) {
    writer.add({ kind: 'record', index: firstIndex + order, ...wire(text) })
  }
  return Buffer.from(writer.bytes)
}

export function segment(texts: readonly string[], firstIndex = 0): Buffer {
  const header = encodeSegmentHeader({ log: LOG, firstIndex })
  return Buffer.concat([header, frames(texts, firstIndex)])
}
