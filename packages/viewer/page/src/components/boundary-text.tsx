import type { VNode } from 'preact'

import type { SessionBoundary } from '../../../src/api-types.ts'
import { describeEnd, describeStart, explainDerived } from '../session-words.ts'
import { TimeText } from './time-text.tsx'

/** Start or end of a session: time, reason, and whether it was derived. */
export function BoundaryText(props: {
  which: 'start' | 'end'
  boundary: SessionBoundary
  long?: boolean
}): VNode {
  const { which, boundary, long = false } = props
  return (
    <>
      <TimeText at={boundary.time} long={long} />
      <span class="sub">
        {which === 'start' ? describeStart(boundary) : describeEnd(boundary)}
        {boundary.derived && <DerivedMark which={which} boundary={boundary} />}
      </span>
    </>
  )
}

/** Marks what the sessionizer concluded and nobody saw. */
export function DerivedMark(props: { which: 'start' | 'end'; boundary: SessionBoundary }): VNode {
  return (
    <>
      {' '}
      <abbr class="derived" title={explainDerived(props.which, props.boundary)}>
        derived
      </abbr>
    </>
  )
}
