import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { constants, gunzip, zstdDecompress } from 'node:zlib'

/** Largest body that is taken, as sent and once more after decompression: 20 MiB. */
export const MAX_BODY_BYTES: number = 20 * 1024 * 1024

/** A body, or the answer that its sender gets instead. */
export type BodyResult =
  | { readonly status: 'read'; readonly text: string }
  | {
      readonly status: 'refused'
      readonly statusCode: 400 | 413 | 415 | 503
      readonly message: string
    }
  | { readonly status: 'aborted' }

type Coding = 'gzip' | 'zstd'

/** No body that is taken needs a larger window than 32 MiB, which is memory before its first byte. */
const WINDOW = { params: { [constants.ZSTD_d_windowLogMax]: 25 } }

const unzip = promisify(gunzip)
const unzstd = promisify(zstdDecompress)

/** Each stops at so many bytes, whatever a body would become. */
const DECODERS = {
  gzip: (bytes: Buffer, maxOutputLength: number) => unzip(bytes, { maxOutputLength }),
  zstd: (bytes: Buffer, maxOutputLength: number) => unzstd(bytes, { ...WINDOW, maxOutputLength }),
} as const

/** Bytes of bodies that are being read at the same time. Owned by one receiver. */
export interface BodyRoom {
  readonly maxBytes: number
  bytes: number
}

/**
 * Reads a request's body, identity, gzip or zstd, bounded before and after decompression, and
 * together with all others that are being read. What is beyond that is to be sent again (503).
 */
export async function readBody(
  request: IncomingMessage,
  room: BodyRoom,
  maxBytes: number = MAX_BODY_BYTES,
): Promise<BodyResult> {
  const own = { bytes: 0 }
  const take = (bytes: number): boolean => {
    own.bytes += bytes
    room.bytes += bytes
    return room.bytes <= room.maxBytes
  }
  try {
    return await read(request, maxBytes, take)
  } finally {
    room.bytes -= own.bytes
  }
}

async function read(
  request: IncomingMessage,
  maxBytes: number,
  take: (bytes: number) => boolean,
): Promise<BodyResult> {
  const encoding = request.headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity' && encoding !== 'gzip' && encoding !== 'zstd') {
    return refuse(415, 'content-encoding must be gzip, zstd or identity')
  }
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return refuseSize(maxBytes)
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > maxBytes) return refuseSize(maxBytes)
      if (!take(chunk.length)) return refuse(503, 'too much is being sent at once: send again')
      chunks.push(chunk)
    }
  } catch {
    return { status: 'aborted' }
  }
  const bytes = Buffer.concat(chunks)
  return encoding === 'identity' ? toText(bytes) : decode(bytes, encoding, maxBytes)
}

async function decode(bytes: Buffer, coding: Coding, maxBytes: number): Promise<BodyResult> {
  try {
    return toText(await DECODERS[coding](bytes, maxBytes))
  } catch (error) {
    const isTooLarge = error instanceof RangeError
    return isTooLarge ? refuseSize(maxBytes) : refuse(400, `body is no ${coding} stream`)
  }
}

function toText(bytes: Uint8Array): BodyResult {
  try {
    return { status: 'read', text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch {
    return refuse(400, 'body is not UTF-8')
  }
}

function refuseSize(maxBytes: number): BodyResult {
  return refuse(413, `body is larger than ${maxBytes} bytes: send smaller batches`)
}

function refuse(statusCode: 400 | 413 | 415 | 503, message: string): BodyResult {
  return { status: 'refused', statusCode, message }
}
