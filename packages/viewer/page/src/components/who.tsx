import type { VNode } from 'preact'

import type { SessionSummary } from '../../../src/api-types.ts'
import { describeWho } from '../session-words.ts'

/** Who it was: the clear name while an identity record is at hand, the pseudonym beneath. */
export function Who(props: {
  subject: Pick<SessionSummary, 'user' | 'client'> & Partial<Pick<SessionSummary, 'subjectType'>>
  href?: string
}): VNode {
  const words = describeWho(props.subject)
  const name = <WhoName name={words.name} kind={words.kind} />
  return (
    <span class="who">
      {props.href === undefined ? (
        name
      ) : (
        <a class="row-link" href={props.href}>
          {name}
        </a>
      )}
      {words.pseudonym !== null && <span class="sub mono">{words.pseudonym}</span>}
      {words.kind === 'pseudonym' && <span class="sub">pseudonym, name not at hand</span>}
      {words.kind === 'machine' && <span class="sub">machine client</span>}
      {words.kind === 'client' && <span class="sub">client, no person named</span>}
      {words.kind === 'nobody' && <span class="sub">nothing proven</span>}
    </span>
  )
}

function WhoName(props: { name: string; kind: string }): VNode {
  const name = props.kind === 'pseudonym' ? 'mono' : props.kind === 'nobody' ? 'none' : 'strong'
  return <span class={name}>{props.name}</span>
}
