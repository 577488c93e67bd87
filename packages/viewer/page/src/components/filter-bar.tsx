import type { VNode } from 'preact'
import { useId, useState } from 'preact/hooks'

import {
  addFilter,
  FILTER_NAMES,
  isExcludable,
  isFilterName,
  parseChip,
  removeFilter,
  toggleExclude,
  type Filter,
  type FilterName,
} from '../filters.ts'
import { EVENT_NAMES } from '../record-words.ts'
import { REJECTION_REASONS } from '../rejection-words.ts'

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']

const HINTS: { readonly [Name in FilterName]: string } = {
  user: 'name or pseudonym',
  client: 'client id',
  scope: 'orders:read',
  route: '/v1/orders/:id',
  status: '403 or 4xx',
  event: 'oauth.request',
  reason: 'expired',
  trace: 'trace id, 32 hex digits',
  session: 'session id',
  method: 'GET',
  token: 'token fingerprint',
  service: 'service name',
  framework: 'hipaa',
  from: '2h, or 2026-11-23T21:00:00Z',
  to: '15m, or 2026-11-23T22:00:00Z',
}

/** Values seen on the screen, offered while typing. */
export type Suggestions = { readonly [Name in FilterName]?: readonly string[] }

/** Chips and the line that adds one. Filters stand in the address; this only asks for others. */
export function FilterBar(props: {
  filters: readonly Filter[]
  suggestions: Suggestions
  onChange: (filters: readonly Filter[]) => void
}): VNode {
  const { filters, onChange } = props
  return (
    <div class="filters">
      <FilterForm
        suggestions={props.suggestions}
        onAdd={(filter) => onChange(addFilter(filters, filter))}
      />
      {filters.length > 0 && (
        <ul class="chips" aria-label="Filters">
          {filters.map((filter) => (
            <FilterChip
              key={`${filter.name} ${filter.value}`}
              filter={filter}
              onToggle={() => onChange(toggleExclude(filters, filter))}
              onRemove={() => onChange(removeFilter(filters, filter))}
            />
          ))}
          <li>
            <button type="button" class="button small quiet" onClick={() => onChange([])}>
              Clear all
            </button>
          </li>
        </ul>
      )}
    </div>
  )
}

function FilterForm(props: { suggestions: Suggestions; onAdd: (filter: Filter) => void }): VNode {
  const [name, setName] = useState<FilterName>('user')
  const [exclude, setExclude] = useState(false)
  const [text, setText] = useState('')
  const listId = useId()
  const submit = (event: Event): void => {
    event.preventDefault()
    const filter = parseChip(text, name, exclude)
    if (filter === null) return
    props.onAdd(filter)
    setText('')
    setExclude(false)
  }
  return (
    <form class="filter-form" role="search" onSubmit={submit}>
      <select
        aria-label="Field"
        value={name}
        onChange={(event) => {
          const chosen = event.currentTarget.value
          if (isFilterName(chosen)) setName(chosen)
        }}
      >
        {FILTER_NAMES.map((option) => (
          <option key={option}>{option}</option>
        ))}
      </select>
      <select
        aria-label="Keep or leave out"
        value={exclude ? 'not' : 'is'}
        disabled={!isExcludable(name)}
        onChange={(event) => setExclude(event.currentTarget.value === 'not')}
      >
        <option value="is">is</option>
        <option value="not">is not</option>
      </select>
      <input
        aria-label="Value"
        placeholder={HINTS[name]}
        title="Also: client:web, -route:/health"
        list={listId}
        value={text}
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <datalist id={listId}>
        {suggest(name, props.suggestions).map((value) => (
          <option key={value} value={value} />
        ))}
      </datalist>
      <button type="submit" class="button">
        Add filter
      </button>
    </form>
  )
}

function FilterChip(props: { filter: Filter; onToggle: () => void; onRemove: () => void }): VNode {
  const { name, value, exclude } = props.filter
  const verb = exclude ? 'is not' : 'is'
  return (
    <li class={exclude ? 'chip chip-exclude' : 'chip'}>
      <span class="chip-name">{name}</span>
      {isExcludable(name) && (
        <button
          type="button"
          class="chip-verb"
          title={exclude ? 'Keep matches instead' : 'Leave matches out instead'}
          aria-label={`${name} ${verb} ${value}: turn round`}
          onClick={props.onToggle}
        >
          {verb}
        </button>
      )}
      <span class="chip-value">{value}</span>
      <button
        type="button"
        class="chip-remove"
        aria-label={`Remove ${name} ${verb} ${value}`}
        onClick={props.onRemove}
      >
        ×
      </button>
    </li>
  )
}

function suggest(name: FilterName, seen: Suggestions): readonly string[] {
  if (name === 'event') return EVENT_NAMES
  if (name === 'reason') return REJECTION_REASONS
  if (name === 'method') return METHODS
  if (name === 'status') return ['2xx', '4xx', '5xx', '401', '403']
  return [...new Set(seen[name])].sort().slice(0, 50)
}
