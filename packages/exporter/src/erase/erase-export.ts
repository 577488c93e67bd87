import { createReadStream } from 'node:fs'
import { open, readdir, readFile, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createGunzip, gunzipSync, gzipSync } from 'node:zlib'
import { nodeDisk } from '../disk/node-disk.ts'
import { ExporterError, systemErrorCode } from '../errors.ts'
import { eraseFromJson } from './erase-json.ts'
import type { ErasedFile, ErasedIdentities, EraseResidue, EraseResult } from './identities.ts'

/** Options of {@link eraseFromExport}. */
export interface EraseExportOptions {
  /** Only counts. Default is `false`. */
  readonly dryRun?: boolean
}

/** Largest file that is taken as one JSON document when its lines are none, in bytes. */
const MAX_DOCUMENT_BYTES = 256 * 1024 * 1024
/** Packed in a way that this program does not unpack. */
const UNSEARCHABLE = /\.(?:zst|bz2|xz|lz4|snappy|zip|7z|parquet)$/i
/** A gzip member is closed after so many bytes, so that memory stays bounded. */
const MEMBER_BYTES = 4 * 1024 * 1024

/**
 * Deletes identity records from files of an export: JSON lines or documents of whatever shape, also
 * gzipped. A file without any stays untouched. One with some is written anew, `open(O_EXCL)
 * temporary → write → fdatasync → rename → fsync(directory)`, so that after a crash the name has
 * the old content or the new. Lines without identities keep their bytes.
 *
 * @throws {ExporterError} `ERR_EXPORTER_EXPORT_UNREADABLE` for a path that cannot be listed. What
 *   cannot be read or rewritten later is residue.
 */
export async function eraseFromExport(
  paths: readonly string[],
  identities: ErasedIdentities,
  { dryRun = false }: EraseExportOptions = {},
): Promise<EraseResult> {
  const files: ErasedFile[] = []
  const residue: EraseResidue[] = []
  for (const path of paths) {
    for (const file of await listFiles(path, residue)) {
      try {
        const found = await eraseFromFile(file, identities, dryRun)
        if (found.identities > 0) files.push({ file, blankedBytes: 0, how: 'rewritten', ...found })
        if (found.residue !== undefined) residue.push({ file, reason: found.residue })
      } catch (error) {
        residue.push({
          file,
          reason: `cannot be rewritten (${systemErrorCode(error) ?? 'damaged'})`,
        })
      }
    }
  }
  return { files, residue }
}

/** Whatever its name is: an identity may stand in a file that nobody takes for an export. */
async function listFiles(path: string, residue: EraseResidue[]): Promise<readonly string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path]
    const entries = await readdir(path, { recursive: true, withFileTypes: true })
    const files = entries.map((entry) => ({ entry, file: join(entry.parentPath, entry.name) }))
    for (const { entry, file } of files) {
      if (entry.isSymbolicLink()) residue.push({ file, reason: 'a link, which is not followed' })
      else if (UNSEARCHABLE.test(file)) residue.push({ file, reason: 'packed, so not searched' })
    }
    return files
      .filter(({ entry, file }) => entry.isFile() && !UNSEARCHABLE.test(file))
      .map(({ file }) => file)
      .sort()
  } catch (error) {
    const code = systemErrorCode(error) ?? 'unknown error'
    throw new ExporterError(
      'ERR_EXPORTER_EXPORT_UNREADABLE',
      `${path} cannot be read (${code}). Name a file or folder that exists.`,
      { cause: error },
    )
  }
}

interface FileOutcome {
  readonly identities: number
  readonly residue?: string
}

async function eraseFromFile(
  file: string,
  identities: ErasedIdentities,
  dryRun: boolean,
): Promise<FileOutcome> {
  // First only read: most files hold none, and must not be written.
  const counted = await eraseLines(file, identities, () => Promise.resolve())
  if (counted.isLines)
    return dryRun || counted.identities === 0 ? counted : rewriteLines(file, identities)
  return eraseDocument(file, identities, dryRun)
}

interface LineOutcome extends FileOutcome {
  /** Whether every line that holds an identity could be taken by itself. */
  readonly isLines: boolean
}

async function eraseLines(
  file: string,
  { pseudonyms }: ErasedIdentities,
  write: (bytes: Buffer) => Promise<void>,
): Promise<LineOutcome> {
  const needles = [...pseudonyms].map((pseudonym) => Buffer.from(pseudonym))
  let identities = 0
  for await (const line of readLines(file)) {
    if (!isSuspect(line, needles)) {
      await write(line)
      continue
    }
    const { body, ending } = splitEnding(line)
    const erased = eraseFromJson(body.toString('utf8'), pseudonyms)
    if (erased === undefined) return { identities: 0, isLines: false }
    identities += erased.identities
    if (erased.text !== undefined) await write(Buffer.from(`${erased.text}${ending}`))
  }
  return { identities, isLines: true }
}

async function rewriteLines(file: string, identities: ErasedIdentities): Promise<FileOutcome> {
  return replaceFile(file, async (handle) => {
    const writer = new Writer(handle, isGzip(file))
    const { identities: count } = await eraseLines(file, identities, (bytes) => writer.add(bytes))
    await writer.flush()
    return { identities: count }
  })
}

/** A document over many lines, as a search's answer that was saved. */
async function eraseDocument(
  file: string,
  { pseudonyms }: ErasedIdentities,
  dryRun: boolean,
): Promise<FileOutcome> {
  const refusal = 'it names a pseudonym that is to be erased, in a form that cannot be rewritten'
  if ((await stat(file)).size > MAX_DOCUMENT_BYTES) return { identities: 0, residue: refusal }
  const bytes = await readFile(file)
  const text = (isGzip(file) ? gunzipSync(bytes) : bytes).toString('utf8')
  const erased = eraseFromJson(text, pseudonyms)
  if (erased === undefined) return { identities: 0, residue: refusal }
  if (erased.identities === 0 || dryRun) return { identities: erased.identities }
  const left = Buffer.from(erased.text ?? '')
  return replaceFile(file, async (handle) => {
    await handle.writeFile(isGzip(file) ? gzipSync(left) : left)
    return { identities: erased.identities }
  })
}

async function replaceFile(
  file: string,
  fill: (handle: FileHandle) => Promise<FileOutcome>,
): Promise<FileOutcome> {
  const temporary = `${file}.${process.pid}.erase`
  const before = await stat(file)
  await rm(temporary, { force: true })
  const handle = await open(temporary, 'wx', before.mode & 0o777)
  try {
    const outcome = await fill(handle)
    await handle.datasync()
    await handle.close()
    const now = await stat(file)
    if (now.size !== before.size || now.mtimeMs !== before.mtimeMs) {
      await rm(temporary, { force: true })
      return { identities: 0, residue: 'it is being written; stop its writer and erase again' }
    }
    await rename(temporary, file)
    nodeDisk.syncDirectory(dirname(file))
    return outcome
  } catch (error) {
    await handle.close().catch(() => undefined)
    await rm(temporary, { force: true })
    throw error
  }
}

/** Collects lines into writes, and into gzip members where the file is compressed. */
class Writer {
  readonly #handle: FileHandle
  readonly #compress: boolean
  #parts: Buffer[] = []
  #bytes = 0

  constructor(handle: FileHandle, compress: boolean) {
    this.#handle = handle
    this.#compress = compress
  }

  async add(bytes: Buffer): Promise<void> {
    this.#parts.push(bytes)
    this.#bytes += bytes.length
    if (this.#bytes >= MEMBER_BYTES) await this.flush()
  }

  async flush(): Promise<void> {
    const bytes = Buffer.concat(this.#parts)
    this.#parts = []
    this.#bytes = 0
    // Not `write`, which may take a part and be content.
    if (bytes.length > 0) await this.#handle.writeFile(this.#compress ? gzipSync(bytes) : bytes)
  }
}

/** The lines of a file with their endings, byte for byte. */
async function* readLines(file: string): AsyncGenerator<Buffer> {
  const raw = createReadStream(file)
  const content = (isGzip(file) ? raw.pipe(createGunzip()) : raw) as AsyncIterable<Buffer>
  let rest: Buffer[] = []
  for await (const chunk of content) {
    let from = 0
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, from)) {
      yield Buffer.concat([...rest, chunk.subarray(from, at + 1)])
      rest = []
      from = at + 1
    }
    if (from < chunk.length) rest.push(Buffer.from(chunk.subarray(from)))
  }
  if (rest.length > 0) yield Buffer.concat(rest)
}

const MARKER = Buffer.from('tokentrail.identity')

function isSuspect(line: Buffer, needles: readonly Buffer[]): boolean {
  return line.includes(MARKER) && needles.some((needle) => line.includes(needle))
}

function splitEnding(line: Buffer): { readonly body: Buffer; readonly ending: string } {
  const ending = /\r?\n?$/.exec(line.subarray(-2).toString('latin1'))?.[0] ?? ''
  return { body: line.subarray(0, line.length - ending.length), ending }
}

function isGzip(file: string): boolean {
  return file.toLowerCase().endsWith('.gz')
}
