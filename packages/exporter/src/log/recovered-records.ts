import {
  createMerkleTree,
  encodeRecoveredMembers,
  encodeRoutes,
  HASH_BYTES,
  parseBase64,
  type RecoveredTail,
} from '@tokentrail/ledger'
import { EVENT_TOKENTRAIL_LOG_RECOVERED } from '@tokentrail/semantic-conventions'
import type { RecordDraft } from '@tokentrail/session'
import type { LogEnd } from '../journal/end.ts'
import type { DeadTail } from '../journal/rebuild.ts'

/** Bytes of canonical text that leaves and routes may take; a record may have 8,000. */
const TAIL_BYTES = 6_500
const HASH_BASE64_BYTES = 128 / 3
/** Most bytes of a run in `routes` beside the routes themselves: `[9999,],`. */
const RUN_BYTES = 8

/**
 * Builds the records that speak for the end of another log. With its tail, they carry the leaves
 * that it could not sign, so that even the file of one route, which lacks the records of others,
 * has them under a signed root. A tail that is too long for one record comes in several, each of
 * which speaks for the size up to which it goes; the last one's is the end.
 *
 * @param time - Nanoseconds since 1970 UTC, decimal.
 */
export function buildLogRecovered(
  time: string,
  origin: string,
  end: LogEnd,
  tail?: DeadTail,
): RecordDraft[] {
  const { lastSignedSize } = end
  const draft = (prevSize: number, prevRoot: Uint8Array, part?: RecoveredTail): RecordDraft => ({
    type: EVENT_TOKENTRAIL_LOG_RECOVERED,
    time,
    members: encodeRecoveredMembers({
      prevLog: origin,
      prevSize,
      prevRoot,
      lastSignedSize,
      ...(part !== undefined && { tail: part }),
    }) as RecordDraft['members'] & object,
  })
  if (tail === undefined) return [draft(end.size, parseBase64(end.root))]
  const tree = createMerkleTree(tail.base)
  return splitTail(tail).map((part) => {
    for (let at = 0; at < part.leaves.length; at += HASH_BYTES) tree.append(part.leaves, at)
    return draft(tree.size, tree.root(), part)
  })
}

function splitTail({ base, hashes, routes }: DeadTail): RecoveredTail[] {
  const parts: RecoveredTail[] = []
  for (let start = 0; start < hashes.length;) {
    const end = findEnd(routes, start)
    parts.push({
      from: base.size + start,
      leaves: Buffer.concat(hashes.slice(start, end)),
      routes: encodeRoutes(routes.slice(start, end)),
    })
    start = end
  }
  return parts
}

/** Takes as many leaves as fit, and one at least. */
function findEnd(routes: readonly (readonly string[])[], start: number): number {
  let bytes = 0
  let last = ''
  for (let at = start; at < routes.length; at++) {
    const run = JSON.stringify(routes[at])
    bytes += HASH_BASE64_BYTES + (run === last ? 0 : Buffer.byteLength(run) + RUN_BYTES)
    if (bytes > TAIL_BYTES && at > start) return at
    last = run
  }
  return routes.length
}
