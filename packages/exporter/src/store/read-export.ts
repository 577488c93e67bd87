import { stat } from 'node:fs/promises'
import type { ExportedRecord } from '@tokentrail/ledger'
import { ExporterError } from '../errors.ts'
import { FileReader, unopenable } from './file-reader.ts'
import { readFragment } from './json-reader.ts'
import { listFiles } from './list-files.ts'
import { OtlpLineReader } from './otlp-lines/line-reader.ts'
import { takeRecord } from './otlp-lines/take-plain.ts'
import { TornLines } from './torn-lines.ts'

/** Something of an export that could not be read. */
export interface UnreadablePart {
  readonly file: string
  /** From 1; the first line behind what could still be unpacked, for a damaged gzip file. */
  readonly line: number
  /** A few words that quote nothing of the content. */
  readonly reason: string
}

/** How far {@link readExport} has come, in bytes as they are stored. */
export interface ReadProgress {
  readonly readBytes: number
  readonly totalBytes: number
}

/** Options of {@link readExport}. */
export interface ReadExportOptions {
  /**
   * Told of everything that cannot be read; reading goes on behind it. Default is to throw
   * `ERR_EXPORTER_EXPORT_UNREADABLE` at the first.
   */
  readonly onUnreadable?: (part: UnreadablePart) => void
  /**
   * Longest JSON value or row that is read, in bytes; longer ones are unreadable. Default is 32
   * MiB.
   */
  readonly maxLineBytes?: number
  /** Told of each chunk that was read, records in it or not. */
  readonly onProgress?: (progress: ReadProgress) => void
}

/**
 * Reads the records of an export in files or folders (`*.json`, `*.jsonl`, `*.ndjson`, `*.csv`,
 * `*.gz` of any number of members …): OTLP/JSON as the collector's file and S3 exporters write it,
 * bare texts (S3 marshaler `body`, Splunk raw), hits and search responses of Elasticsearch and
 * OpenSearch, rows, responses, tables and HEC events of Splunk. The text of a record is taken as it
 * stands; what stands beside it is somebody else's, or a copy. Memory is bounded by one value.
 * Blank lines, CRLF, a byte order mark, other signals and other people's log records are passed
 * over; a line that the rotation of files has cut in two is put together again. A record has
 * `attributes` only where they are not in every respect its text's own.
 *
 * @throws {ExporterError} `ERR_EXPORTER_EXPORT_UNREADABLE` for a path that cannot be opened, and,
 *   without `onUnreadable`, for anything else that cannot be read.
 */
export async function* readExport(
  paths: readonly string[],
  options: ReadExportOptions = {},
): AsyncGenerator<ExportedRecord> {
  for await (const records of readExportBatches(paths, options)) yield* records
}

/**
 * The same, a line's records at a time: each step of an asynchronous generator costs as much as a
 * hash.
 */
export async function* readExportBatches(
  paths: readonly string[],
  options: ReadExportOptions = {},
): AsyncGenerator<readonly ExportedRecord[]> {
  const { onUnreadable = refuse, onProgress } = options
  const files = await listExport(paths, onUnreadable)
  const totalBytes = onProgress === undefined ? 0 : await measureFiles(files)
  const torn = new TornLines()
  const lines = new OtlpLineReader(takeRecord)
  let readBytes = 0
  const onBytes = (bytes: number): void =>
    onProgress?.({ readBytes: (readBytes += bytes), totalBytes })
  for (const file of files) {
    const reader = new FileReader({ file, torn, lines, onBytes, ...pickBound(options) })
    for await (const { records, problems } of reader.read()) {
      if (records.length > 0) yield records
      for (const problem of problems) onUnreadable({ file, ...problem })
    }
  }
  for (const fragment of torn.mend()) {
    const { records, problems } = readFragment(fragment)
    if (records.length > 0) yield records
    for (const { reason } of problems) onUnreadable({ ...fragment.source, reason })
  }
}

/** Lists the files of an export, in the order of the paths. */
export async function listExport(
  paths: readonly string[],
  onUnreadable: (part: UnreadablePart) => void,
): Promise<string[]> {
  const files: string[] = []
  for (const path of paths) files.push(...(await tryListFiles(path, onUnreadable)))
  return files
}

/** The bound of a value, if the caller has named one. */
export function pickBound({ maxLineBytes }: ReadExportOptions): { readonly maxLineBytes?: number } {
  return maxLineBytes === undefined ? {} : { maxLineBytes }
}

/** What is done about a part that cannot be read when nobody wants to know. */
export function refuse({ file, line, reason }: UnreadablePart): never {
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

/** Bytes of files, as far as they can be had; a pipe has none. */
async function measureFiles(files: readonly string[]): Promise<number> {
  let bytes = 0
  for (const file of files)
    bytes += await stat(file).then(
      ({ size }) => size,
      () => 0,
    )
  return bytes
}
