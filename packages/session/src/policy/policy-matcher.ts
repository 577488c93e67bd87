import { createLru } from '../lru.ts'
import type { Policy, PolicyRoute } from './policy.ts'
import { matchesPattern, parsePattern, type RoutePattern } from './route-pattern.ts'

/** Tells which frameworks a request's records are evidence for. */
export interface PolicyMatcher {
  /**
   * Gives the frameworks of every rule that fits, sorted and frozen; those of `default` where none
   * does.
   *
   * @param place - Route template, else path; a query string is passed over.
   */
  frameworksOf(method: string, place: string): readonly string[]
}

/** Most remembered places. */
const MAX_CACHED = 2_048

/** Most remembered methods of one place. */
const MAX_METHODS = 8

/** Longest place that is remembered. */
const MAX_CACHED_LENGTH = 256

/** Creates the matcher of a policy. It remembers the answers for at most 2,048 places. */
export function createPolicyMatcher(policy: Policy): PolicyMatcher {
  const rules = policy.routes.map((route) => ({ route, pattern: patternOf(route) }))
  // By place first: a route is the same string every time, a joined key would be hashed anew.
  const answers = createLru<string, Map<string, readonly string[]>>(MAX_CACHED)

  function match(method: string, place: string): readonly string[] {
    const [path = ''] = place.split(/[?#]/, 1)
    const fitting = rules.filter(
      ({ pattern, route }) =>
        (route.methods === undefined || route.methods.includes(method)) &&
        matchesPattern(pattern, path),
    )
    if (fitting.length === 0) return policy.default.frameworks
    const frameworks = fitting.flatMap(({ route }) => route.frameworks)
    return Object.freeze([...new Set(frameworks)].sort())
  }

  return {
    frameworksOf(method, place) {
      if (rules.length === 0) return policy.default.frameworks
      if (place.length > MAX_CACHED_LENGTH) return match(method, place)
      const known = answers.get(place)
      const answer = known?.get(method) ?? match(method, place)
      if (known === undefined) answers.set(place, new Map([[method, answer]]))
      else if (known.size < MAX_METHODS) known.set(method, answer)
      return answer
    },
  }
}

function patternOf({ match }: PolicyRoute): RoutePattern {
  const pattern = parsePattern(match)
  if (pattern === undefined) throw new TypeError('"policy" must come from parsePolicy')
  return pattern
}
