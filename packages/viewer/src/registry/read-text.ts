import type { IncomingMessage } from 'node:http'

/** Reads a request's body as UTF-8; `undefined` when it is longer than the bound. */
export async function readText(
  request: IncomingMessage,
  maxBytes: number,
): Promise<string | undefined> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length
    if (size > maxBytes) return undefined
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}
