import { ViewerError } from '../errors.ts'
import { parseSearchQuery, type ParseSearchOptions, type SearchQuery } from './query.ts'

/** Which sessions to list. */
export interface SessionQuery extends Omit<SearchQuery, 'before'> {
  /** Only those that have not ended, or only those that have. */
  readonly active?: boolean
  /** Continues after an earlier page: its `next`. */
  readonly before?: string
}

/**
 * Makes a search for sessions of names and values: those of {@link parseSearchQuery}, and `active`.
 *
 * @throws {@link ViewerError} `ERR_VIEWER_QUERY_INVALID`, naming the filter, the value and the
 *   allowed form.
 */
export function parseSessionQuery(
  entries: Iterable<readonly [name: string, value: string]>,
  options: ParseSearchOptions,
): SessionQuery {
  const own = { active: undefined, before: undefined } as Record<string, string | undefined>
  const rest: (readonly [string, string])[] = []
  for (const [name, value] of entries) {
    if (!Object.hasOwn(own, name)) rest.push([name, value])
    else if (own[name] === undefined) own[name] = value
    else throw invalid(`"${options.prefix ?? ''}${name}" may be given once`)
  }
  const { before: _, ...query } = parseSearchQuery(rest, options)
  const { active, before } = own
  if (active !== undefined && active !== 'true' && active !== 'false') {
    throw invalid(`"${options.prefix ?? ''}active" must be true or false`)
  }
  return {
    ...query,
    ...(active === undefined ? {} : { active: active === 'true' }),
    ...(before === undefined ? {} : { before }),
  }
}

function invalid(message: string): ViewerError {
  return new ViewerError('ERR_VIEWER_QUERY_INVALID', message)
}
