import type { IncomingMessage } from 'node:http'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'

/** Largest body that is taken, as sent and once more after decompression: 20 MiB. */
export const MAX_BODY_BYTES: number = 20 * 1024 * 1024

/** A body, or the answer that its sender gets instead. */
export type BodyResult =
  | { readonly status: 'read'; readonly text: string }
  | { readonly status: 'refused'; readonly statusCode: 400 | 413 | 415; readonly message: string }
  | { readonly status: 'aborted' }

const unzip = promisify(gunzip)

/** Reads a request's body, identity or gzip, bounded before and after decompression. */
export async function readBody(
  request: IncomingMessage,
  maxBytes: number = MAX_BODY_BYTES,
): Promise<BodyResult> {
  const encoding = request.headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity' && encoding !== 'gzip') {
    return refuse(415, 'content-encoding must be gzip or identity')
  }
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return refuseSize(maxBytes)
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > maxBytes) return refuseSize(maxBytes)
      chunks.push(chunk)
    }
  } catch {
    return { status: 'aborted' }
  }
  const bytes = Buffer.concat(chunks)
  return encoding === 'gzip' ? inflate(bytes, maxBytes) : toText(bytes)
}

async function inflate(bytes: Buffer, maxBytes: number): Promise<BodyResult> {
  try {
    return toText(await unzip(bytes, { maxOutputLength: maxBytes }))
  } catch (error) {
    const isTooLarge = error instanceof RangeError
    return isTooLarge ? refuseSize(maxBytes) : refuse(400, 'body is no gzip stream')
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

function refuse(statusCode: 400 | 413 | 415, message: string): BodyResult {
  return { status: 'refused', statusCode, message }
}
