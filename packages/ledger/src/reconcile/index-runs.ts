/** What holds of a run of indexes of one log. */
export interface Difference {
  /** Some exports lack the record, or they have different texts of it. */
  readonly kind: 'missing' | 'different'
  readonly index: number
  /** Last index of a run of several. */
  readonly lastIndex?: number
  /** Names of the exports that have it. */
  readonly in: readonly string[]
  /** Names of those that do not, though it belongs there. */
  readonly notIn: readonly string[]
  /** Number of these records by route; `` is the default route. */
  readonly routes: { readonly [route: string]: number }
}

/** Runs that are kept of one log. */
const MAX_RUNS = 1_000

/** Gathers indexes that follow one another and are in the same exports. One owner; one log. */
export class IndexRuns {
  readonly kept: Difference[] = []
  omitted = 0
  #open: (Omit<Difference, 'routes' | 'lastIndex'> & { last: number }) | undefined
  #routes: { [route: string]: number } = {}

  /** Adds an index above all that were added before. */
  add(difference: Omit<Difference, 'routes' | 'lastIndex'>, routes: readonly string[]): void {
    const open = this.#open
    if (open === undefined || open.last + 1 !== difference.index || !isSame(open, difference)) {
      this.flush()
      this.#open = { ...difference, last: difference.index }
    } else open.last = difference.index
    for (const route of routes.length === 0 ? [''] : routes) {
      this.#routes[route] = (Object.hasOwn(this.#routes, route) ? this.#routes[route]! : 0) + 1
    }
  }

  /** Hands over what has been gathered. */
  flush(): void {
    if (this.#open === undefined) return
    const { last, ...difference } = this.#open
    if (this.kept.length === MAX_RUNS) this.omitted++
    else {
      const lastIndex = last > difference.index ? { lastIndex: last } : {}
      this.kept.push({ ...difference, ...lastIndex, routes: this.#routes })
    }
    this.#open = undefined
    this.#routes = Object.create(null) as { [route: string]: number }
  }
}

function isSame(
  a: Pick<Difference, 'kind' | 'in' | 'notIn'>,
  b: Pick<Difference, 'kind' | 'in' | 'notIn'>,
): boolean {
  return a.kind === b.kind && isSameList(a.in, b.in) && isSameList(a.notIn, b.notIn)
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i])
}
