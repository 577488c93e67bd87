import { crc32, createInflateRaw } from 'node:zlib'
import { ByteQueue } from './byte-queue.ts'

/** Why gzip data ended before it should have. */
export class GzipError extends Error {
  override readonly name: string = 'GzipError'
}

const HEADER_BYTES = 10
const TRAILER_BYTES = 8
const FLAG_HEADER_CRC = 2
const FLAG_EXTRA = 4
const FLAG_NAME = 8
const FLAG_COMMENT = 16
const MAX_NAME_BYTES = 65_536

/**
 * Unpacks gzip data (RFC 1952) member by member. `node:zlib` would take zeros behind a member for
 * padding and stop there, and would drop what is before other bytes; here everything that can be
 * unpacked is yielded, then whatever is wrong is thrown.
 *
 * @throws {GzipError} For anything behind a member that is no member, a torn one, a wrong checksum.
 */
export async function* gunzip(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const input = new ByteQueue(source)
  while (await input.has(1)) {
    await skipHeader(input)
    yield* inflateMember(input)
  }
}

async function skipHeader(input: ByteQueue): Promise<void> {
  const header = await take(input, HEADER_BYTES)
  if (header[0] !== 0x1f || header[1] !== 0x8b || header[2] !== 8) {
    throw new GzipError('bytes that are not gzip')
  }
  const flags = header[3] ?? 0
  if (flags & FLAG_EXTRA) await take(input, (await take(input, 2)).readUInt16LE(0))
  if (flags & FLAG_NAME) await skipText(input)
  if (flags & FLAG_COMMENT) await skipText(input)
  if (flags & FLAG_HEADER_CRC) await take(input, 2)
}

async function skipText(input: ByteQueue): Promise<void> {
  for (let length = 0; length < MAX_NAME_BYTES; length++) {
    if ((await take(input, 1))[0] === 0) return
  }
  throw new GzipError('a gzip header without end')
}

async function take(input: ByteQueue, bytes: number): Promise<Buffer> {
  if (await input.has(bytes)) return input.take(bytes)
  throw new GzipError('torn gzip data')
}

async function* inflateMember(input: ByteQueue): AsyncGenerator<Buffer> {
  const inflate = createInflateRaw()
  const output: Buffer[] = []
  const state = { ended: false, failed: false, proceed: () => undefined as void }
  inflate.on('data', (part: Buffer) => output.push(part))
  inflate.on('end', () => (state.ended = true))
  // After an error the callback of a write is never called.
  inflate.on('error', () => {
    state.failed = true
    state.proceed()
  })
  let fed = 0
  let last: Buffer = Buffer.alloc(0)
  let checksum = 0
  let length = 0
  while (!state.ended) {
    if (!(await input.has(1))) throw new GzipError('torn gzip data')
    last = input.takeSome()
    fed += last.length
    await new Promise<void>((resolve) => {
      state.proceed = resolve
      inflate.write(last, () => setImmediate(resolve))
    })
    for (const part of output.splice(0)) {
      checksum = crc32(part, checksum)
      length += part.length
      yield part
    }
    if (state.failed) throw new GzipError('damaged gzip data')
  }
  input.putBack(last.subarray(last.length - (fed - inflate.bytesWritten)))
  const trailer = await take(input, TRAILER_BYTES)
  if (trailer.readUInt32LE(0) !== checksum || trailer.readUInt32LE(4) !== length % 2 ** 32) {
    throw new GzipError('gzip data with a wrong checksum')
  }
}
