import { pseudonymOfIdentity } from './identities.ts'

/** What {@link eraseFromJson} made of a text. */
export interface ErasedJson {
  /** The text without the identities; `undefined` when nothing but an identity was in it. */
  readonly text: string | undefined
  readonly identities: number
}

/** Deepest nesting that is followed. */
const MAX_DEPTH = 64

/** Marks a value that is to go. */
const ERASED: unique symbol = Symbol('erased')

/**
 * Deletes identity records from a JSON text of whatever shape: an OTLP message, a search hit or a
 * page of hits, a row. What goes is the innermost object of a list that holds the identity's
 * canonical text; where there is no list, the whole. Numbers keep their digits.
 *
 * @returns `undefined` when the text is not JSON.
 */
export function eraseFromJson(
  text: string,
  pseudonyms: ReadonlySet<string>,
): ErasedJson | undefined {
  let value: unknown
  try {
    value = JSON.parse(text, keepDigits)
  } catch {
    return undefined
  }
  const eraser = new Eraser(pseudonyms)
  const left = eraser.visit(value, 0)
  if (left === ERASED) return { text: undefined, identities: eraser.identities + 1 }
  return {
    text: eraser.identities === 0 ? text : JSON.stringify(left),
    identities: eraser.identities,
  }
}

class Eraser {
  readonly #pseudonyms: ReadonlySet<string>
  identities = 0

  constructor(pseudonyms: ReadonlySet<string>) {
    this.#pseudonyms = pseudonyms
  }

  /** Returns the value without identities, or {@link ERASED} when it is one itself. */
  visit(value: unknown, depth: number): unknown {
    if (typeof value === 'string') return this.#isIdentity(value) ? ERASED : value
    if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return value
    if (Array.isArray(value)) return this.#visitList(value as readonly unknown[], depth)
    if (isDigits(value)) return value
    const left: Record<string, unknown> = {}
    for (const [name, member] of Object.entries(value)) {
      const visited = this.visit(member, depth + 1)
      if (visited === ERASED) return ERASED
      Object.defineProperty(left, name, {
        value: visited,
        writable: true,
        enumerable: true,
        configurable: true,
      })
    }
    return left
  }

  #visitList(list: readonly unknown[], depth: number): unknown {
    // A list of plain texts belongs to whoever holds it, as the values of a field do.
    if (list.some((item) => typeof item === 'string' && this.#isIdentity(item))) return ERASED
    const left = list.map((item) => this.visit(item, depth + 1)).filter((item) => item !== ERASED)
    this.identities += list.length - left.length
    return left
  }

  #isIdentity(text: string): boolean {
    const pseudonym = pseudonymOfIdentity(text)
    return pseudonym !== undefined && this.#pseudonyms.has(pseudonym)
  }
}

/** JSON source text access (ECMAScript 2026), which `lib` does not know yet. */
interface RawJson {
  rawJSON(text: string): object
  isRawJSON(value: unknown): boolean
}

const rawJson = JSON as unknown as RawJson

/** Numbers beyond 2^53, as nanoseconds written without quotes, would lose digits. */
function keepDigits(
  _name: string,
  value: unknown,
  context?: { readonly source?: string },
): unknown {
  if (typeof value !== 'number' || context?.source === undefined) return value
  return String(value) === context.source ? value : rawJson.rawJSON(context.source)
}

function isDigits(value: object): boolean {
  return rawJson.isRawJSON(value)
}
