import { type SegmentContent, isCopied } from './log-reader.ts'
import type { JournalDamage } from './quarantine.ts'
import { upTo } from './scan.ts'
import { formatSegmentName } from './segment.ts'

/**
 * Lists what of a log's segments cannot be read, or is not there, with the records that can have
 * stood in it. What stands behind the last frame of the last segment is a torn write, and not among
 * it.
 *
 * @param contents - Of segments that follow one another.
 */
export function listDamage(contents: readonly SegmentContent[]): JournalDamage[] {
  const last = contents.findLastIndex(({ records }) => records.length > 0)
  let due = 0
  return contents.flatMap((content, at) => {
    const segment = formatSegmentName(content.firstIndex)
    const next = contents[at + 1]
    // Of an empty file the records are missing; there are no bytes that are wrong.
    const found = content.bytes === 0 && next ? [] : content.damage
    const damage = found.map((part) => ({ ...part, segment }))
    // After a failed flush the records of an empty segment may stand in one before it.
    due = Math.max(due, content.firstIndex, (content.records.at(-1)?.index ?? -1) + 1)
    if (!next) return damage
    return [...damage, ...damageBehind(content, next.firstIndex, at < last ? due : Infinity)]
  })
}

/**
 * Behind the last frame of a segment that is not the last, too, bytes are missing or wrong; unless
 * its flush failed, and what stood there was written again to the next one.
 *
 * @param firstIndex - Of the next segment.
 * @param due - Index that comes next; infinite where nothing can be read behind.
 */
function damageBehind(content: SegmentContent, firstIndex: number, due: number): JournalDamage[] {
  if (isCopied(content, { firstIndex })) return []
  if (content.tail) {
    return [{ ...upTo(content.tail, firstIndex), segment: formatSegmentName(content.firstIndex) }]
  }
  if (due >= firstIndex) return []
  const segment = formatSegmentName(due)
  return [{ segment, offset: 0, length: 0, firstIndex: due, lastIndex: firstIndex - 1 }]
}
