import type { VNode } from 'preact'

import type { RegistryAlarm } from '../../../src/api-types.ts'
import { useApp } from '../app-context.ts'
import { formatPlural } from '../format.ts'
import { Badge } from './badge.tsx'
import { TimeText } from './time-text.tsx'

/** Alarms that the banner spells out. */
const SHOWN = 3

/**
 * What contradicts itself, on every view. The region is always there, so that an alarm which comes
 * while the page is open is read out.
 */
export function AlarmBanner(): VNode {
  const status = useApp().overview.status.value
  const alarms = status?.alarms ?? []
  return (
    <div class="alarms" role="alert">
      {alarms.length > 0 && <Alarms alarms={alarms} count={status?.alarmCount ?? alarms.length} />}
    </div>
  )
}

function Alarms(props: { alarms: readonly RegistryAlarm[]; count: number }): VNode {
  const more = props.count - SHOWN
  return (
    <div class="notice notice-bad">
      <h2>
        <Badge tone="bad">FORK</Badge> Two signed histories contradict each other
      </h2>
      <ul class="findings">
        {props.alarms.slice(0, SHOWN).map((alarm) => (
          <li key={`${alarm.subject} ${alarm.message}`}>
            {alarm.message}
            {alarm.time !== null && (
              <span class="sub">
                seen <TimeText at={alarm.time} long />
              </span>
            )}
          </li>
        ))}
      </ul>
      {more > 0 && <p>and {formatPlural(more, 'more alarm')}</p>}
      <p>
        Somebody who holds the key has signed both. Keep both, and verify the export with{' '}
        <code>--registry</code>.
      </p>
    </div>
  )
}
