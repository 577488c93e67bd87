import { EVERY_ROUTE } from '../verify/route-survey.ts'
import type { RecordHead } from '../verify/record-text.ts'

/** Records that go to every route, because a copy of a log does not verify without them. */
const EVERYWHERE = /^tokentrail\.(?:log|recorder|journal|delivery|policy)\./
const FRAMEWORKS = 'compliance.framework'

/** Reads from a record's text to which routes it belongs; `[]` is the default route. */
export function readRoutes({ type }: RecordHead, text: string): readonly string[] {
  if (text.includes(`"${FRAMEWORKS}":`)) {
    const { attributes } = JSON.parse(text) as { readonly attributes?: { [name: string]: unknown } }
    const frameworks = attributes?.[FRAMEWORKS]
    if (Array.isArray(frameworks)) return frameworks.map(String)
  }
  return EVERYWHERE.test(type) ? [EVERY_ROUTE] : []
}

/** Lists of routes by number: there are few, and each record has one. */
export class RouteTable {
  readonly #lists: (readonly string[])[] = []
  readonly #numbers = new Map<string, number>()

  numberOf(routes: readonly string[]): number {
    const key = JSON.stringify(routes)
    let number = this.#numbers.get(key)
    if (number === undefined) {
      number = this.#lists.push(routes) - 1
      this.#numbers.set(key, number)
    }
    return number
  }

  routesOf(number: number): readonly string[] {
    return this.#lists[number] ?? []
  }
}
