/** Filters of the search API, in the order in which the page offers them. */
export const FILTER_NAMES = [
  'user',
  'client',
  'scope',
  'route',
  'status',
  'event',
  'reason',
  'trace',
  'session',
  'method',
  'token',
  'service',
  'framework',
  'from',
  'to',
] as const

/** Name of a filter. */
export type FilterName = (typeof FILTER_NAMES)[number]

/** One chip: a value that must match, or must not. */
export interface Filter {
  readonly name: FilterName
  readonly value: string
  /** Whether matches are left out instead of kept. */
  readonly exclude: boolean
}

const NAMES: ReadonlySet<string> = new Set(FILTER_NAMES)

/** Whether a text names a filter. */
export function isFilterName(name: string): name is FilterName {
  return NAMES.has(name)
}

/** `from` and `to` bound the search: they have no counterpart that excludes. */
export function isExcludable(name: FilterName): boolean {
  return name !== 'from' && name !== 'to'
}

/** Reads the filters of a query string; parameters that are none are left alone. */
export function parseFilters(params: URLSearchParams): Filter[] {
  const filters: Filter[] = []
  for (const [key, value] of params) {
    const exclude = key.startsWith('exclude-')
    const name = exclude ? key.slice('exclude-'.length) : key
    if (value === '' || !isFilterName(name) || (exclude && !isExcludable(name))) continue
    filters.push({ name, value, exclude })
  }
  return filters
}

/** Writes filters as parameters of the page's address and of the API: `client=web`. */
export function formatFilters(filters: readonly Filter[]): URLSearchParams {
  const params = new URLSearchParams()
  for (const { name, value, exclude } of filters) {
    params.append(exclude ? `exclude-${name}` : name, value)
  }
  return params
}

/**
 * Reads a chip as it is typed: `client:web`, `-route:/health`, or a bare value for the field that
 * is chosen. Returns `null` for an empty value.
 */
export function parseChip(text: string, field: FilterName, exclude: boolean): Filter | null {
  const typed = /^(-?)([a-z]+):(.*)$/s.exec(text.trim())
  const name = typed?.[2]
  const named = name !== undefined && isFilterName(name)
  const value = (named ? (typed?.[3] ?? '') : text).trim()
  if (value === '') return null
  const chosen = named ? name : field
  const negated = named ? typed?.[1] === '-' || exclude : exclude
  return { name: chosen, value, exclude: negated && isExcludable(chosen) }
}

/** Adds a filter; the same value twice is once, and its opposite is replaced. */
export function addFilter(filters: readonly Filter[], filter: Filter): Filter[] {
  const single = !isExcludable(filter.name)
  const others = filters.filter(
    (other) => other.name !== filter.name || (!single && other.value !== filter.value),
  )
  return [...others, filter]
}

/** Removes a filter. */
export function removeFilter(filters: readonly Filter[], filter: Filter): Filter[] {
  return filters.filter((other) => !isSameFilter(other, filter))
}

/** Turns "is" into "is not" and back, in place. */
export function toggleExclude(filters: readonly Filter[], filter: Filter): Filter[] {
  return filters.map((other) =>
    isSameFilter(other, filter) && isExcludable(other.name)
      ? { ...other, exclude: !other.exclude }
      : other,
  )
}

function isSameFilter(a: Filter, b: Filter): boolean {
  return a.name === b.name && a.value === b.value && a.exclude === b.exclude
}
