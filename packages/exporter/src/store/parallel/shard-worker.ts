/** Entry of a thread that reads parts of an export, one after the other. */
import { parentPort } from 'node:worker_threads'
import { ExporterError } from '../../errors.ts'
import { OtlpLineReader } from '../otlp-lines/line-reader.ts'
import { takeLeaf } from '../otlp-lines/take-plain.ts'
import type { PartReport, PartRequest } from './messages.ts'
import { type PartResult, readPart } from './part-reader.ts'

/** Bytes between two reports of progress. */
const PROGRESS_BYTES = 4 * 1024 * 1024

function report(message: PartReport, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer)
}

/** The columns change hands instead of being copied. */
function buffersOf({ shard }: PartResult): ArrayBuffer[] {
  return shard.logs.flatMap(({ rows: { hashes, indexes, seconds, kinds } }) =>
    [hashes, indexes, seconds, kinds].map(({ buffer }) => buffer as ArrayBuffer),
  )
}

const lines = new OtlpLineReader(takeLeaf)

async function read({ part, bound }: PartRequest): Promise<void> {
  let bytes = 0
  const onBytes = (more: number): void => {
    bytes += more
    if (bytes < PROGRESS_BYTES) return
    report({ type: 'progress', bytes })
    bytes = 0
  }
  try {
    const result = await readPart(part, lines, onBytes, bound)
    report({ type: 'progress', bytes })
    report({ type: 'result', result }, buffersOf(result))
  } catch (error) {
    if (!(error instanceof ExporterError)) throw error
    report({ type: 'unreadable', message: error.message })
  }
}

parentPort?.on('message', (request: PartRequest) => void read(request))
