import { ModelError, type Place } from './model-error.ts'

/**
 * One value of a YAML file together with its place, so that every complaint can name it. Reading a
 * member marks it as known; {@link YamlNode.finish} refuses what nobody read.
 */
export class YamlNode {
  readonly place: Place
  readonly #value: unknown
  readonly #known = new Set<string>()

  constructor(value: unknown, place: Place) {
    this.#value = value
    this.place = place
  }

  /** Refuses the value. */
  fail(problem: string, remedy: string): never {
    throw new ModelError('ERR_MODEL_SYNTAX', this.place, problem, remedy)
  }

  has(name: string): boolean {
    return this.#record()[name] !== undefined
  }

  get(name: string): YamlNode {
    this.#known.add(name)
    const { file, key } = this.place
    return new YamlNode(this.#record()[name], { file, key: key === '' ? name : `${key}.${name}` })
  }

  /** Names the value after what it defines: `attributes.oauth.client.id` beats `attributes.3`. */
  labelled(label: string): YamlNode {
    return new YamlNode(this.#value, {
      file: this.place.file,
      key: this.place.key.replace(/[^.]*$/, label),
    })
  }

  string(): string {
    if (typeof this.#value === 'string' && this.#value !== '') return this.#value.trim()
    return this.#refuse('is not a text', 'write one, in quotes if it reads as something else')
  }

  optionalString(name: string): string | undefined {
    const node = this.get(name)
    return this.has(name) ? node.string() : undefined
  }

  integer(): number {
    if (Number.isSafeInteger(this.#value)) return this.#value as number
    return this.#refuse('is not an integer', 'write one')
  }

  oneOf<const T extends string>(values: readonly T[]): T {
    const value = values.find((candidate) => candidate === this.#value)
    return value ?? this.#refuse('has an unknown value', `write one of ${values.join(', ')}`)
  }

  isList(): boolean {
    return Array.isArray(this.#value)
  }

  isText(): boolean {
    return typeof this.#value === 'string'
  }

  list(): YamlNode[] {
    const { file, key } = this.place
    if (!Array.isArray(this.#value)) return this.#refuse('is not a list', 'write one')
    return this.#value.map((item, index) => new YamlNode(item, { file, key: `${key}.${index}` }))
  }

  optionalList(name: string): YamlNode[] {
    const node = this.get(name)
    return this.has(name) ? node.list() : []
  }

  value(): unknown {
    return this.#value
  }

  /** Refuses members that nobody has read, so that a misspelt one does not pass in silence. */
  finish(): void {
    for (const name of Object.keys(this.#record())) {
      if (!this.#known.has(name)) {
        this.get(name).fail(
          'is unknown here',
          `remove it or write one of ${[...this.#known].join(', ')}`,
        )
      }
    }
  }

  #record(): { [name: string]: unknown } {
    const value = this.#value
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as { [name: string]: unknown }
    }
    return this.#refuse('is not a map', 'write `name: value` pairs')
  }

  #refuse(problem: string, remedy: string): never {
    if (this.#value === undefined) return this.fail('is missing', `add it: ${remedy}`)
    return this.fail(problem, remedy)
  }
}
