import { type Freedom, type RecordMembers, freedomOf } from '@tokentrail/ledger/shard'
import { isObject } from '../own-member.ts'
import { PatternBuilder, Unlearnable } from './pattern-builder.ts'
import type { PatternCopies, RecordPattern } from './record-pattern.ts'

type Json = { readonly [name: string]: unknown }
type Writable<Type> = { -readonly [Name in keyof Type]: Type[Name] }

/** A value of the text that may be another, and where it goes. */
interface OwnValue {
  readonly slot: number
  readonly freedom: Freedom
}

const OWN_STEPS = {
  text: 'ownText',
  name: 'ownName',
  integer: 'ownInteger',
  decimal: 'ownDecimal',
  list: 'ownList',
} as const

/** Which members of the text stand beside it too, and under which names. */
const COPIED = { timeUnixNano: 'time', traceId: 'trace', spanId: 'span' } as const

/**
 * Makes a pattern of a log record whose body is the text of a plain record, and whose copies are
 * its own. It writes down how such a record is spelled by who writes no space and no superfluous
 * escape: whether this one was, is for the caller to try. Wherever a copy would have to follow its
 * value in another way than by being the same, there is no pattern.
 *
 * @param members - What the body says.
 */
export function learnPattern(record: Json, members: RecordMembers): RecordPattern | undefined {
  try {
    return new Learner(members).learn(record)
  } catch (error) {
    if (error instanceof Unlearnable) return undefined
    throw error
  }
}

class Learner {
  readonly #builder = new PatternBuilder()
  readonly #members: RecordMembers
  readonly #own = new Map<string, OwnValue>()
  readonly #ownAttributes = new Map<string, OwnValue>()
  /** Copies that came before the text: the slots of their members. */
  readonly #held = new Map<string, number>()
  readonly #copies: Writable<PatternCopies> = {}
  #hasText = false

  constructor(members: RecordMembers) {
    this.#members = members
  }

  learn(record: Json): RecordPattern {
    for (const [at, [name, value]] of Object.entries(record).entries()) {
      this.#builder.spell(`${at === 0 ? '{' : ','}${JSON.stringify(name)}:`)
      this.#member(name, value)
    }
    this.#builder.spell('}')
    return this.#builder.build({
      logSlot: this.#slotOf('log'),
      indexSlot: this.#slotOf('index'),
      secondsSlot: this.#slotOf(this.#own.has('observed') ? 'observed' : 'time'),
      copies: this.#copies,
    })
  }

  #slotOf(name: string): number {
    const own = this.#own.get(name)
    if (own === undefined) throw new Unlearnable(`a record without a free ${name}`)
    return own.slot
  }

  #member(name: string, value: unknown): void {
    switch (name) {
      case 'body':
        return this.#body()
      case 'attributes':
        return this.#attributes(value)
      case 'timeUnixNano':
      case 'traceId':
      case 'spanId':
        return this.#copy(name, value)
      case 'observedTimeUnixNano':
        return this.#anything(value)
      // What the text implies of these does not hang on what may change of it.
      case 'eventName':
      case 'severityText':
        if (typeof value === 'string' && value !== '') this.#copies[name] = value
        break
      case 'severityNumber':
        if (typeof value === 'number') this.#copies[name] = value
        break
      case 'flags':
      case 'droppedAttributesCount':
        break
      // It may be another name of one of those.
      default:
        throw new Unlearnable(name)
    }
    this.#builder.spell(JSON.stringify(value))
  }

  #body(): void {
    if (this.#hasText) throw new Unlearnable('two bodies')
    this.#hasText = true
    this.#builder.spell('{"stringValue":"')
    this.#object(this.#members, [])
    this.#builder.spell('"}')
    for (const slot of this.#held.values()) this.#builder.step('held', slot)
  }

  #object(value: Json, path: readonly string[]): void {
    for (const [at, [name, member]] of Object.entries(value).entries()) {
      this.#builder.spellOwn(`${at === 0 ? '{' : ','}${JSON.stringify(name)}:`)
      this.#value(member, [...path, name])
    }
    this.#builder.spellOwn(Object.keys(value).length === 0 ? '{}' : '}')
  }

  #value(value: unknown, path: readonly string[]): void {
    const freedom = freedomOf(path, value)
    const builder = this.#builder
    if (freedom === 'none') {
      if (isObject(value)) this.#object(value, path)
      else builder.spellOwn(JSON.stringify(value))
      return
    }
    const slot = this.#slotFor(path, freedom)
    const [open, close] = BRACKETS[freedom]
    builder.spellOwn(open)
    builder.step(OWN_STEPS[freedom], slot)
    builder.spellOwn(close)
  }

  #slotFor(path: readonly string[], freedom: Freedom): number {
    const [name = '', attribute = ''] = path
    const held = path.length === 1 ? this.#held.get(name) : undefined
    const slot = held ?? this.#builder.newSlot()
    if (path.length === 1) this.#own.set(name, { slot, freedom })
    if (path.length === 2 && name === 'attributes')
      this.#ownAttributes.set(attribute, { slot, freedom })
    return slot
  }

  /** A copy of a member of the text, or nothing: anything else is the same for some values only. */
  #copy(name: keyof typeof COPIED, value: unknown): void {
    const builder = this.#builder
    if (value === '') return builder.spell('""')
    const own = COPIED[name]
    if (typeof value !== 'string' || value !== this.#members[own]) throw new Unlearnable(name)
    builder.spell('"')
    if (this.#hasText) builder.step('same', this.#slotOf(own))
    else {
      this.#held.set(own, builder.newSlot())
      builder.step('hold', this.#held.get(own)!)
    }
    this.#copies[name] = this.#held.get(own) ?? this.#slotOf(own)
    builder.spell('"')
  }

  #attributes(list: unknown): void {
    if (!this.#hasText || !Array.isArray(list)) throw new Unlearnable('attributes before the body')
    const names = new Set<unknown>()
    this.#builder.spell('[')
    for (const [at, pair] of (list as readonly unknown[]).entries()) {
      if (!isObject(pair) || typeof pair['key'] !== 'string' || names.has(pair['key'])) {
        throw new Unlearnable('an attribute twice')
      }
      const { key, value } = pair
      names.add(key)
      this.#builder.spell(`${at === 0 ? '' : ','}{"key":${JSON.stringify(key)},"value":`)
      this.#attribute(key, value)
      this.#builder.spell('}')
    }
    this.#builder.spell(']')
  }

  #attribute(name: string, value: unknown): void {
    if (!isObject(value)) throw new Unlearnable('an attribute without a value')
    const { attributes } = this.#members
    if (isObject(attributes) && Object.hasOwn(attributes, name)) {
      const own = this.#ownAttributes.get(name)
      if (own === undefined) this.#builder.spell(JSON.stringify(value))
      else this.#sameAttribute(own, value)
    } else if (name === 'log.record.uid') {
      this.#builder.spell('{"stringValue":"')
      this.#builder.step('same', this.#slotOf('log'))
      this.#builder.spell('.')
      this.#builder.step('same', this.#slotOf('index'))
      this.#builder.spell('"}')
    } else if (name === 'oauth.session.id') {
      this.#sameAttribute({ slot: this.#slotOf('session'), freedom: 'text' }, value)
    } else this.#foreignAttribute(value)
  }

  /** A value in the form that is its own whatever it is: `"05"` is no integer of the text. */
  #sameAttribute({ slot, freedom }: OwnValue, value: Json): void {
    const builder = this.#builder
    if (freedom === 'list') {
      builder.spell('{"arrayValue":{"values":[')
      builder.step('sameList', slot)
      return builder.spell(']}}')
    }
    const isNumber = freedom === 'integer' && 'intValue' in value
    const [open, close] = !isNumber
      ? ['{"stringValue":"', '"}']
      : typeof value['intValue'] === 'string'
        ? ['{"intValue":"', '"}']
        : ['{"intValue":', '}']
    builder.spell(open)
    builder.step('same', slot)
    builder.spell(close)
  }

  /** What others have added means nothing, but for an object, which may hold names of ours. */
  #foreignAttribute(value: Json): void {
    if (Object.values(value).some(isStructured)) throw new Unlearnable('an attribute of parts')
    if (typeof value['stringValue'] !== 'string') return this.#builder.spell(JSON.stringify(value))
    this.#builder.spell('{"stringValue":')
    this.#anything(value['stringValue'])
    this.#builder.spell('}')
  }

  #anything(value: unknown): void {
    if (typeof value !== 'string') return this.#builder.spell(JSON.stringify(value))
    this.#builder.spell('"')
    this.#builder.step('any', 0)
    this.#builder.spell('"')
  }
}

function isStructured(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

const BRACKETS = {
  text: ['"', '"'],
  name: ['"', '"'],
  decimal: ['"', '"'],
  integer: ['', ''],
  list: ['[', ']'],
} as const
