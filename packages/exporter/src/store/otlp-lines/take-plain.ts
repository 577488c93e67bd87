import { digestPrefixedLeaf, type ExportedRecord, type PlainLeaf } from '@tokentrail/ledger/shard'
import type { TakePlain } from './line-reader.ts'

/** Takes the leaf of a plain record, for verification. */
export const takeLeaf: TakePlain<PlainLeaf> = (matcher, pattern, source) => ({
  log: matcher.logOf(pattern),
  index: matcher.indexOf(pattern),
  seconds: matcher.secondsOf(pattern),
  digest: digestPrefixedLeaf(matcher.prefixedText()),
  // A member that is added later costs an object of its own.
  serviceName: undefined,
  source,
})

/** Takes a plain record whole, for everybody else. */
export const takeRecord: TakePlain<ExportedRecord> = (matcher, { copies }, source) => {
  const { eventName, severityNumber, severityText } = copies
  const valueOf = (slot: number | undefined): string =>
    slot === undefined ? '' : matcher.valueOf(slot)
  return {
    body: matcher.text(),
    ...(eventName !== undefined && { eventName }),
    ...(severityNumber !== undefined && { severityNumber }),
    ...(severityText !== undefined && { severityText }),
    ...pick('timeUnixNano', valueOf(copies.timeUnixNano)),
    ...pick('traceId', valueOf(copies.traceId)),
    ...pick('spanId', valueOf(copies.spanId)),
    source,
  }
}

/** An empty one is none. */
function pick<Name extends string>(
  name: Name,
  value: string,
): { readonly [name in Name]?: string } {
  return value === '' ? {} : ({ [name]: value } as { readonly [name in Name]: string })
}
