import { MAX_SLOTS, STEP, type RecordPattern } from './record-pattern.ts'
import { toView } from './word-view.ts'

const ASCII = /^[ -~]*$/

/** Most bytes that a pattern spells out: a record has 8,000, and each again beside it. */
const MAX_SPELLED = 32_768

/** Why no pattern can be made of a record. */
export class Unlearnable extends Error {
  override readonly name: string = 'Unlearnable'
}

/** Puts a pattern together, in the order of the line. One use. */
export class PatternBuilder {
  readonly #steps: number[] = []
  #spellings = ''
  #texts = ''
  /** What was spelled since the last step: in the line, and in the text. */
  #spelling = ''
  #text = ''
  #slots = 0

  /** Spells out bytes that stand beside the text. */
  spell(bytes: string): void {
    if (this.#text !== '') this.#flush()
    this.#spelling += bytes
  }

  /** Spells out bytes of the text, which stand in the line as a JSON string has them. */
  spellOwn(bytes: string): void {
    if (this.#text === '') this.#flush()
    this.#spelling += JSON.stringify(bytes).slice(1, -1)
    this.#text += bytes
  }

  /** Makes room for a value. */
  newSlot(): number {
    if (this.#slots === MAX_SLOTS) throw new Unlearnable('a record of too many values')
    return this.#slots++
  }

  step(name: Exclude<keyof typeof STEP, 'spelled' | 'own'>, slot: number): void {
    this.#flush()
    this.#steps.push(STEP[name], slot)
  }

  /** @throws {Unlearnable} When it cannot be compared byte by byte. */
  build(
    rest: Pick<RecordPattern, 'logSlot' | 'indexSlot' | 'secondsSlot' | 'copies'>,
  ): RecordPattern {
    this.#flush()
    const spelled = this.#spellings + this.#texts
    if (!ASCII.test(spelled) || spelled.length > MAX_SPELLED) {
      throw new Unlearnable('a record that is long or not ASCII')
    }
    return {
      steps: Int32Array.from(this.#steps),
      spellings: toView(this.#spellings),
      texts: toView(this.#texts),
      ...rest,
    }
  }

  #flush(): void {
    const place = [this.#spellings.length, this.#spelling.length]
    if (this.#text !== '') {
      this.#steps.push(STEP.own, ...place, this.#texts.length, this.#text.length)
    } else if (this.#spelling !== '') this.#steps.push(STEP.spelled, ...place)
    this.#spellings += this.#spelling
    this.#texts += this.#text
    this.#spelling = ''
    this.#text = ''
  }
}
