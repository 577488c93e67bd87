import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { ExportedRecord } from '@tokentrail/ledger'
import { ExporterError, systemErrorCode } from '../errors.ts'
import { CsvReader, parseCsvHeader } from './csv-reader.ts'
import { GzipError, gunzip } from './gunzip.ts'
import { JsonReader, readFragment } from './json-reader.ts'
import { type Line, splitLines } from './lines.ts'
import { listFiles } from './list-files.ts'
import type { Reading } from './reading.ts'
import { TornLines } from './torn-lines.ts'
import { decodeText } from './utf8.ts'

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

const MAX_LINE_BYTES = 32 * 1024 * 1024

/** Bytes that every gzip member begins with (RFC 1952). */
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b])
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])
/** Bytes that are read of a file at once. */
const CHUNK_BYTES = 256 * 1024

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
  const { onUnreadable = refuse } = options
  const files: string[] = []
  for (const path of paths) files.push(...(await tryListFiles(path, onUnreadable)))
  const totalBytes = options.onProgress === undefined ? 0 : await measureFiles(files)
  const reader = new ExportReader(totalBytes, options)
  for (const path of files) {
    for await (const { records, problems } of reader.read(path)) {
      if (records.length > 0) yield records
      for (const problem of problems) onUnreadable({ file: path, ...problem })
    }
  }
  for (const { source, ...fragment } of reader.mend()) {
    const { records, problems } = readFragment({ source, ...fragment })
    if (records.length > 0) yield records
    for (const { reason } of problems) onUnreadable({ ...source, reason })
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

/** What takes the lines of one file. */
interface LineReader {
  take(line: Line): Reading
  end(): Reading
}

/** Reads the files of one export, one after the other. One owner. */
class ExportReader {
  readonly #maxBytes: number
  readonly #onProgress: ((progress: ReadProgress) => void) | undefined
  readonly #totalBytes: number
  readonly #torn = new TornLines()
  #readBytes = 0

  constructor(totalBytes: number, options: ReadExportOptions) {
    this.#maxBytes = options.maxLineBytes ?? MAX_LINE_BYTES
    this.#onProgress = options.onProgress
    this.#totalBytes = totalBytes
  }

  /** The lines that were torn by the edges of the files, put together where that can be. */
  mend(): ReturnType<TornLines['mend']> {
    return this.#torn.mend()
  }

  /** What the file gives, line by line. */
  async *read(file: string): AsyncGenerator<Reading> {
    let line = 1
    let reader: LineReader | undefined
    try {
      for await (const found of splitLines(this.#contentOf(file), this.#maxBytes)) {
        line = found.number + 1
        if (reader !== undefined) yield reader.take(found)
        else {
          const first = { ...found, bytes: withoutMark(found.bytes) }
          reader = this.#readerOf(file, first)
          if (reader instanceof JsonReader) yield reader.take(first)
        }
      }
    } catch (error) {
      if (error instanceof GzipError)
        yield { records: [], problems: [{ line, reason: error.message }] }
      else if (systemErrorCode(error)?.startsWith('E') && !(error instanceof ExporterError)) {
        throw unopenable(file, error)
      } else throw error
    }
    if (reader !== undefined) yield reader.end()
  }

  #readerOf(file: string, { bytes, part }: Line): LineReader {
    const header = part === 'whole' ? decodeText(bytes)?.replace(/\r$/, '') : undefined
    const layout =
      header === undefined || /^\s*[{["]\s*["{[]/.test(header) ? undefined : parseCsvHeader(header)
    return layout === undefined
      ? new JsonReader(file, this.#maxBytes, this.#torn)
      : new CsvReader(file, layout, this.#maxBytes)
  }

  /** Bytes of a file, unpacked: what a store packs need not say so in its name. */
  async *#contentOf(file: string): AsyncGenerator<Buffer> {
    const stream = createReadStream(file, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>
    const chunks = this.#count(stream)
    const { value: first } = await chunks.next()
    if (first === undefined) return
    const isPacked = first.subarray(0, 2).equals(GZIP_MAGIC) || /\.gz$/i.test(file)
    const all = follow(first, chunks)
    yield* isPacked ? gunzip(all) : all
  }

  async *#count(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, undefined> {
    for await (const chunk of chunks) {
      this.#readBytes += chunk.length
      this.#onProgress?.({ readBytes: this.#readBytes, totalBytes: this.#totalBytes })
      yield chunk
    }
    return undefined
  }
}

async function* follow(first: Buffer, others: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first
  yield* others
}

function withoutMark(bytes: Buffer): Buffer {
  return bytes.subarray(0, 3).equals(BYTE_ORDER_MARK) ? bytes.subarray(3) : bytes
}

function unopenable(path: string, error: unknown): ExporterError {
  const code = systemErrorCode(error) ?? 'unknown error'
  const message = `${path} cannot be read (${code}). Name a file or folder that exists.`
  return new ExporterError('ERR_EXPORTER_EXPORT_UNREADABLE', message, { cause: error })
}
