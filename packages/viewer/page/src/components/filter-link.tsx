import type { VNode } from 'preact'

import type { FilterName } from '../filters.ts'
import { formatFilterRoute, type RecordListView } from '../router.ts'

/** A value that leads to everything else that has it. */
export function FilterLink(props: {
  view: 'sessions' | RecordListView
  name: FilterName
  value: string
  label?: string
  mono?: boolean
}): VNode {
  const { view, name, value, label = value, mono = false } = props
  return (
    <a
      class={mono ? 'filter-link mono' : 'filter-link'}
      href={formatFilterRoute(view, name, value)}
      title={`Show ${view} where ${name} is ${value}`}
    >
      {label}
    </a>
  )
}

/** Several values, each a {@link FilterLink}; past `max` they are only counted. */
export function FilterLinks(props: {
  view: 'sessions' | RecordListView
  name: FilterName
  values: readonly string[]
  max?: number
}): VNode {
  const { values, max = values.length } = props
  const rest = values.slice(max)
  if (values.length === 0) return <span class="none">none</span>
  return (
    <ul class="tags">
      {values.slice(0, max).map((value) => (
        <li key={value}>
          <FilterLink view={props.view} name={props.name} value={value} />
        </li>
      ))}
      {rest.length > 0 && <li title={rest.join(' ')}>+{rest.length}</li>}
    </ul>
  )
}
