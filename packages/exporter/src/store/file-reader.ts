import { ExporterError, systemErrorCode } from '../errors.ts'
import { type ByteRange, readRange, readWhole } from './byte-range.ts'
import { CsvReader, parseCsvHeader } from './csv-reader.ts'
import { GzipError, gunzip } from './gunzip.ts'
import { JsonReader } from './json-reader.ts'
import { type Line, splitLines } from './lines.ts'
import type { OtlpLineReader, Placed } from './otlp-lines/line-reader.ts'
import type { Reading } from './reading.ts'
import type { TornLines } from './torn-lines.ts'
import { decodeText } from './utf8.ts'

const MAX_LINE_BYTES = 32 * 1024 * 1024

/** Bytes that every gzip member begins with (RFC 1952). */
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b])
/** The beginning of JSON or of a quoted table, after a byte order mark. */
const TEXT = /^\uFEFF?\s*[{["]/
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])

/** What takes the lines of one file. */
interface LineReader<Plain> {
  take(line: Line): Reading<Plain>
  end(): Reading
}

/** What is read, and who is told. */
export interface FileReaderOptions<Plain extends Placed> {
  readonly file: string
  /** Reads lines of OTLP, of one file after the other. */
  readonly lines: OtlpLineReader<Plain>
  /** The lines that begin in this part of it; default is all. A packed file has no parts. */
  readonly range?: ByteRange
  /** Takes what the file's edges have cut in two. */
  readonly torn: TornLines
  /** Told of every chunk that was read. */
  readonly onBytes: (bytes: number) => void
  readonly maxLineBytes?: number
}

/** Reads one file of an export, or a part of one. One use. */
export class FileReader<Plain extends Placed> {
  readonly #options: FileReaderOptions<Plain>
  readonly #maxBytes: number
  #lines = 0

  constructor(options: FileReaderOptions<Plain>) {
    this.#options = options
    this.#maxBytes = options.maxLineBytes ?? MAX_LINE_BYTES
  }

  /** Number of lines read so far. */
  get lines(): number {
    return this.#lines
  }

  /**
   * What the file gives, line by line; lines of a part are counted from its beginning.
   *
   * @throws {ExporterError} `ERR_EXPORTER_EXPORT_UNREADABLE` when it cannot be opened.
   */
  async *read(): AsyncGenerator<Reading<Plain>> {
    const { file } = this.#options
    let line = 1
    let reader: LineReader<Plain> | undefined
    try {
      for await (const found of splitLines(this.#content(), this.#maxBytes)) {
        line = found.number + 1
        this.#lines = found.number
        if (reader !== undefined) yield reader.take(found)
        else {
          const first = { ...found, bytes: withoutMark(found.bytes) }
          reader = this.#readerOf(first)
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

  #readerOf({ bytes, part }: Line): LineReader<Plain> {
    const { file, torn, lines } = this.#options
    const header = part === 'whole' ? decodeText(bytes)?.replace(/\r$/, '') : undefined
    const layout =
      header === undefined || /^\s*[{["]\s*["{[]/.test(header) ? undefined : parseCsvHeader(header)
    return layout === undefined
      ? new JsonReader(file, this.#maxBytes, torn, lines)
      : new CsvReader(file, layout, this.#maxBytes)
  }

  /**
   * Bytes of the file, unpacked: what a store packs need not say so in its name, and what says so
   * may have been unpacked by a client that obeyed `Content-Encoding`.
   */
  async *#content(): AsyncGenerator<Buffer> {
    const { file, range } = this.#options
    const chunks = this.#count(range === undefined ? readWhole(file) : readRange(file, range))
    try {
      const { value: first } = await chunks.next()
      if (first === undefined) return
      const isNamedSo = /\.gz$/i.test(file) && !TEXT.test(first.subarray(0, 64).toString('utf8'))
      const isPacked = first.subarray(0, 2).equals(GZIP_MAGIC) || isNamedSo
      const all = follow(first, chunks)
      yield* isPacked ? gunzip(copied(all)) : all
    } finally {
      // Whoever stops early leaves the file open else.
      await chunks.return(undefined)
    }
  }

  async *#count(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, undefined> {
    for await (const chunk of chunks) {
      this.#options.onBytes(chunk.length)
      yield chunk
    }
    return undefined
  }
}

/** Chunks that stay what they are. */
async function* copied(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) yield Buffer.from(chunk)
}

async function* follow(first: Buffer, others: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first
  yield* others
}

function withoutMark(bytes: Buffer): Buffer {
  return bytes.subarray(0, 3).equals(BYTE_ORDER_MARK) ? bytes.subarray(3) : bytes
}

/** Says of a path that it cannot be opened. */
export function unopenable(path: string, error: unknown): ExporterError {
  const code = systemErrorCode(error) ?? 'unknown error'
  const message = `${path} cannot be read (${code}). Name a file or folder that exists.`
  return new ExporterError('ERR_EXPORTER_EXPORT_UNREADABLE', message, { cause: error })
}
