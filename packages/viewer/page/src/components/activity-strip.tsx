import type { VNode } from 'preact'

import type { RecordRow } from '../../../src/api-types.ts'
import { formatPlural } from '../format.ts'
import { toneOf } from '../record-words.ts'
import { formatDuration, parseMoment } from '../time.ts'

const WIDTH = 1_000
const HEIGHT = 36

/** Every record of a session as a mark on a line of time: bursts and refusals show at once. */
export function ActivityStrip({ records }: { records: readonly RecordRow[] }): VNode | null {
  const marks = records.flatMap((record) => {
    const moment = parseMoment(record.time)
    return moment === null ? [] : [{ key: record.uid, millis: moment.millis, tone: toneOf(record) }]
  })
  const first = marks[0]?.millis
  const span = (marks.at(-1)?.millis ?? 0) - (first ?? 0)
  if (first === undefined || span <= 0) return null
  const refused = marks.filter((mark) => mark.tone === 'deny').length
  return (
    <figure class="activity">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${formatPlural(marks.length, 'record')} over ${formatDuration(span)}, ${refused} refused`}
      >
        <line x1="0" x2={WIDTH} y1={HEIGHT - 1} y2={HEIGHT - 1} />
        {marks.map((mark) => (
          <rect
            key={mark.key}
            class={`mark-${mark.tone}`}
            x={((mark.millis - first) / span) * (WIDTH - 4)}
            y={mark.tone === 'deny' ? 2 : 12}
            width="4"
            height={mark.tone === 'deny' ? HEIGHT - 4 : HEIGHT - 14}
          />
        ))}
      </svg>
      <figcaption>
        {formatPlural(marks.length, 'record')} over {formatDuration(span)}
        {refused > 0 && <span class="refused">, {refused} refused</span>}
      </figcaption>
    </figure>
  )
}
