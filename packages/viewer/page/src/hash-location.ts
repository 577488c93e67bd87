import { signal, type ReadonlySignal } from '@preact/signals'

import { formatRoute, parseRoute, type Route } from './router.ts'

/** The page's address as a route. */
export interface HashLocation {
  readonly route: ReadonlySignal<Route>
  /** Goes to a route as a new entry of the history. */
  push(route: Route): void
  /** Changes the present entry: for filters, which the way back should not step through. */
  replace(route: Route): void
}

/** Follows the fragment of a window's address. The page lives as long as its window: no close. */
export function followHash(window: Window): HashLocation {
  const route = signal<Route>(parseRoute(window.location.hash))
  window.addEventListener('hashchange', () => {
    route.value = parseRoute(window.location.hash)
  })
  return {
    route,
    push(next) {
      window.location.hash = formatRoute(next)
    },
    replace(next) {
      window.history.replaceState(null, '', formatRoute(next))
      route.value = next
    },
  }
}
