import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { gzipSync } from 'node:zlib'

/** What a request's record takes on the wire, in bytes after gzip. */
export interface WireSize {
  /** Everything delivered, divided by the requests. */
  readonly total: number
  /** What of it the integrity records take: `tokentrail.log.*`. */
  readonly integrity: number
}

interface LogsBody {
  readonly resourceLogs: readonly {
    readonly scopeLogs: readonly { logRecords: readonly { readonly eventName?: string }[] }[]
  }[]
}

/**
 * Sizes of kept bodies, one a line, by compression level. The integrity share is what a body
 * shrinks by when its integrity records are taken out and the rest is compressed again.
 */
export async function measureWire<Level extends number>(
  file: string,
  levels: readonly Level[],
): Promise<Record<Level, WireSize>> {
  const sums = levels.map((level) => ({ level, total: 0, without: 0 }))
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
      sum.total += gzipSync(line, { level: sum.level }).length
      sum.without += gzipSync(rest, { level: sum.level }).length
    }
  }
  const sizes = sums.map(({ level, total, without }) => [
    level,
    { total: total / requests, integrity: (total - without) / requests },
  ])
  return Object.fromEntries(sizes) as Record<Level, WireSize>
}
