import type { VNode } from 'preact'

import { shortenHash } from '../format.ts'

/** A hash or id, its middle left out where it is long; whole in the title. */
export function HashText(props: { value: string; keep?: number }): VNode {
  return (
    <span class="mono" title={props.value}>
      {shortenHash(props.value, props.keep)}
    </span>
  )
}
