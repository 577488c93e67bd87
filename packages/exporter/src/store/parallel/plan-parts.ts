import { open } from 'node:fs/promises'
import type { ExportPart } from './part-reader.ts'

/** A part is about so large: more of them cost more, fewer leave threads idle. */
const PART_BYTES = 16 * 1024 * 1024

/** How a file begins whose every line stands for itself. */
const LINES_BEGINNING = '{"resourceLogs":['

/** Plans how an export is read: a large file of OTLP lines in parts, any other as a whole. */
export async function planParts(
  files: readonly string[],
  partBytes: number = PART_BYTES,
): Promise<ExportPart[]> {
  const parts: ExportPart[] = []
  for (const file of files) parts.push(...(await planFile(file, partBytes)))
  return parts
}

async function planFile(file: string, partBytes: number): Promise<ExportPart[]> {
  const { bytes, isLines } = await lookAt(file)
  const count = isLines ? Math.floor(bytes / partBytes) : 1
  if (count < 2) return [{ file, bytes }]
  const edge = (at: number): number => Math.floor((at * bytes) / count)
  return Array.from({ length: count }, (_, at) => {
    const range = { start: edge(at), end: at === count - 1 ? Infinity : edge(at + 1) }
    return { file, range, bytes: edge(at + 1) - edge(at) }
  })
}

/** What cannot be opened is one part: whoever reads it says why. */
async function lookAt(
  file: string,
): Promise<{ readonly bytes: number; readonly isLines: boolean }> {
  try {
    const handle = await open(file)
    try {
      const stats = await handle.stat()
      if (!stats.isFile()) return { bytes: 0, isLines: false }
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(LINES_BEGINNING.length))
      const isLines = buffer.toString('latin1', 0, bytesRead) === LINES_BEGINNING
      return { bytes: stats.size, isLines }
    } finally {
      await handle.close()
    }
  } catch {
    return { bytes: 0, isLines: false }
  }
}
