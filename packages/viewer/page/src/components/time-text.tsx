import type { VNode } from 'preact'

import { useApp } from '../app-context.ts'
import { formatAge, parseMoment } from '../time.ts'

/** A moment in the reader's time, exact UTC in the title. */
export function TimeText({ at, long = false }: { at: string; long?: boolean }): VNode {
  const { time, now } = useApp()
  const moment = parseMoment(at)
  if (moment === null) return <span>{at}</span>
  return (
    <time dateTime={moment.utc} title={moment.utc}>
      {long ? time.long(moment) : time.short(moment, now.value)}
    </time>
  )
}

/** How long ago a moment was, exact UTC in the title. */
export function AgeText({ at }: { at: string }): VNode {
  const { now } = useApp()
  const moment = parseMoment(at)
  if (moment === null) return <span>{at}</span>
  return (
    <time dateTime={moment.utc} title={moment.utc}>
      {formatAge(moment, now.value)}
    </time>
  )
}
