/** A pattern of `tokentrail.yaml` in pieces. */
export interface RoutePattern {
  /** Lower-case segments; `*` stands for any one. */
  readonly segments: readonly string[]
  /** Whether any number of further segments may follow. */
  readonly open: boolean
}

const MAX_LENGTH = 1_024

/**
 * Parses a pattern: a path from `/` whose segments are names, `*` (one segment) or, as the last
 * one, `**` (any number, also none). Undefined for anything else.
 */
export function parsePattern(pattern: string): RoutePattern | undefined {
  if (!pattern.startsWith('/') || pattern.length > MAX_LENGTH || /[?#\s]/.test(pattern)) {
    return undefined
  }
  const segments = splitPath(pattern)
  const open = segments.at(-1) === '**'
  const named = open ? segments.slice(0, -1) : segments
  return named.every((segment) => segment === '*' || !segment.includes('*'))
    ? { segments: named, open }
    : undefined
}

/**
 * Says whether a route template or a path fits a pattern. Lower and upper case are one, as in most
 * routers' defaults, empty segments are passed over and escapes are undone: a request must not
 * leave its framework's route by spelling its path otherwise.
 */
export function matchesPattern({ open, segments }: RoutePattern, path: string): boolean {
  const parts = splitPath(path)
  if (open ? parts.length < segments.length : parts.length !== segments.length) return false
  return segments.every((segment, index) => segment === '*' || segment === parts[index])
}

function splitPath(path: string): readonly string[] {
  return path
    .split(/[/\\]/)
    .map(decodeSegment)
    .filter((segment) => segment !== '' && segment !== '.')
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment).toLowerCase()
  } catch {
    return segment.toLowerCase()
  }
}
