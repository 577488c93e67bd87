import type { VNode } from 'preact'
import { useRef } from 'preact/hooks'

import { formatCount } from '../format.ts'

/** A number that lights up for a moment when it changes. */
export function CountText(props: { value: number }): VNode {
  const first = useRef(props.value)
  const changed = props.value !== first.current
  return (
    <span key={props.value} class={changed ? 'count tick' : 'count'}>
      {formatCount(props.value)}
    </span>
  )
}
