import { createReadStream } from 'node:fs'
import { ExporterError, systemErrorCode } from '../errors.ts'
import type { ExportedRecord } from '@tokentrail/ledger'
import { GzipError, gunzip } from './gunzip.ts'
import { splitLines } from './lines.ts'
import { listFiles } from './list-files.ts'
import { parseLogsLine } from './otlp-logs.ts'

/** Something of an export that could not be read. */
export interface UnreadablePart {
  readonly file: string
  /** From 1; the first line behind what could still be unpacked, for a damaged gzip file. */
  readonly line: number
  /** A few words that quote nothing of the content. */
  readonly reason: string
}

/** Options of {@link readExport}. */
export interface ReadExportOptions {
  /**
   * Told of everything that cannot be read; reading goes on behind it. Default is to throw
   * `ERR_EXPORTER_EXPORT_UNREADABLE` at the first.
   */
  readonly onUnreadable?: (part: UnreadablePart) => void
  /** Longest line that is read, in bytes; longer ones are unreadable. Default is 32 MiB. */
  readonly maxLineBytes?: number
}

const MAX_LINE_BYTES = 32 * 1024 * 1024

/**
 * Reads the records of an export: OTLP/JSON lines, as the collector's file exporter writes them, in
 * files or folders (`*.json`, `*.jsonl`, `*.ndjson`, and `*.gz` of any number of members). Memory
 * is bounded by one line. Blank lines, CRLF, other signals and other people's log records are
 * passed over.
 *
 * @throws {ExporterError} `ERR_EXPORTER_EXPORT_UNREADABLE` for a path that cannot be opened, and,
 *   without `onUnreadable`, for anything else that cannot be read.
 */
export async function* readExport(
  paths: readonly string[],
  options: ReadExportOptions = {},
): AsyncGenerator<ExportedRecord> {
  const { onUnreadable = refuse, maxLineBytes = MAX_LINE_BYTES } = options
  for (const path of paths) {
    for (const file of await tryListFiles(path, onUnreadable)) {
      // Each step of an asynchronous generator costs as much as a hash: one for a line, one a record.
      for await (const records of readFile(file, maxLineBytes, onUnreadable)) {
        for (const record of records) yield record
      }
    }
  }
}

function refuse({ file, line, reason }: UnreadablePart): never {
  throw new ExporterError('ERR_EXPORTER_EXPORT_UNREADABLE', `${file}, line ${line}: ${reason}.`)
}

async function tryListFiles(
  path: string,
  onUnreadable: (part: UnreadablePart) => void,
): Promise<string[]> {
  try {
    return await listFiles(path, (file, reason) => onUnreadable({ file, line: 1, reason }))
  } catch (error) {
    if (error instanceof ExporterError) throw error
    const { path: place = path } = error as NodeJS.ErrnoException
    throw unopenable(place, error)
  }
}

/** The records of a file, line by line. */
async function* readFile(
  file: string,
  maxLineBytes: number,
  onUnreadable: (part: UnreadablePart) => void,
): AsyncGenerator<readonly ExportedRecord[]> {
  let line = 1
  try {
    const bytes = createReadStream(file) as AsyncIterable<Buffer>
    const content = file.toLowerCase().endsWith('.gz') ? gunzip(bytes) : bytes
    for await (const found of splitLines(content, maxLineBytes)) {
      line = found.number + 1
      const parsed = readLine(found.bytes, { file, line: found.number })
      yield parsed.records
      for (const reason of parsed.problems) onUnreadable({ file, line: found.number, reason })
    }
  } catch (error) {
    if (error instanceof GzipError) onUnreadable({ file, line, reason: error.message })
    else if (systemErrorCode(error)?.startsWith('E') && !(error instanceof ExporterError)) {
      throw unopenable(file, error)
    } else throw error
  }
}

interface ReadLine {
  readonly records: readonly ExportedRecord[]
  readonly problems: readonly string[]
}

function readLine(bytes: Buffer | undefined, source: { file: string; line: number }): ReadLine {
  if (!bytes) return { records: [], problems: ['line is longer than the bound'] }
  const text = decodeText(bytes)
  if (text === undefined) return { records: [], problems: ['not UTF-8'] }
  if (text.trim() === '') return { records: [], problems: [] }
  const parsed = parseLogsLine(text, source)
  return 'unreadable' in parsed ? { records: [], problems: [parsed.unreadable] } : parsed
}

function decodeText(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function unopenable(path: string, error: unknown): ExporterError {
  const code = systemErrorCode(error) ?? 'unknown error'
  const message = `${path} cannot be read (${code}). Name a file or folder that exists.`
  return new ExporterError('ERR_EXPORTER_EXPORT_UNREADABLE', message, { cause: error })
}
