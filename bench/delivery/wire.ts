import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { constants, gzipSync, zstdCompressSync } from 'node:zlib'

/** What a request's record takes on the wire, in bytes after compression. */
export interface WireSize {
  /** Everything delivered, divided by the requests. */
  readonly total: number
  /** What of it the integrity records take: `tokentrail.log.*`. */
  readonly integrity: number
}

/** Ways to compress that are compared; delivery uses `gzip 3` by default, and `zstd` as here. */
export const CODECS = ['gzip 1', 'gzip 3', 'gzip 6', 'zstd'] as const

/** One of {@link CODECS}. */
export type Codec = (typeof CODECS)[number]

const ZSTD = {
  params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_windowLog]: 21 },
}

interface LogsBody {
  readonly resourceLogs: readonly {
    readonly scopeLogs: readonly { logRecords: readonly { readonly eventName?: string }[] }[]
  }[]
}

function sizeOf(body: string, codec: Codec): number {
  if (codec === 'zstd') return zstdCompressSync(body, ZSTD).length
  return gzipSync(body, { level: Number(codec.slice(-1)), memLevel: 9 }).length
}

/**
 * Sizes of kept bodies, one a line. The integrity share is what a body shrinks by when its
 * integrity records are taken out and the rest is compressed again.
 */
export async function measureWire(file: string): Promise<Record<Codec, WireSize>> {
  const sums = CODECS.map((codec) => ({ codec, total: 0, without: 0 }))
  let requests = 0
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const body = JSON.parse(line) as LogsBody
    for (const scope of body.resourceLogs.flatMap((resource) => resource.scopeLogs)) {
      requests += scope.logRecords.filter(({ eventName }) => eventName === 'oauth.request').length
      scope.logRecords = scope.logRecords.filter(
        ({ eventName }) => eventName?.startsWith('tokentrail.log.') !== true,
      )
    }
    const rest = JSON.stringify(body)
    for (const sum of sums) {
      sum.total += sizeOf(line, sum.codec)
      sum.without += sizeOf(rest, sum.codec)
    }
  }
  const sizes = sums.map(({ codec, total, without }) => [
    codec,
    { total: total / requests, integrity: (total - without) / requests },
  ])
  return Object.fromEntries(sizes) as Record<Codec, WireSize>
}
