import type { RecordCursor } from './query.ts'

/** Keeps the newest records of those that are added, in a bounded sorted list. */
export class Newest {
  readonly #capacity: number
  readonly #before: RecordCursor | undefined
  /** Newest first. */
  readonly #list: RecordCursor[] = []

  /** @param before - Nothing at or after it is kept. */
  constructor(capacity: number, before: RecordCursor | undefined) {
    this.#capacity = capacity
    this.#before = before
  }

  /** Adds a record if it is among the newest. */
  add(time: bigint, id: number): void {
    const list = this.#list
    if (this.#before !== undefined && !isOlder(time, id, this.#before)) return
    if (list.length === this.#capacity) {
      if (isOlder(time, id, list.at(-1)!)) return
      list.pop()
    }
    let low = 0
    let high = list.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (isOlder(time, id, list[middle]!)) low = middle + 1
      else high = middle
    }
    list.splice(low, 0, { time, id })
  }

  /** Whether no record up to a time can change the list any more. */
  isComplete(maxTime: bigint): boolean {
    return this.#list.length === this.#capacity && this.#list.at(-1)!.time > maxTime
  }

  /** The records, newest first. */
  list(): readonly RecordCursor[] {
    return this.#list
  }
}

function isOlder(time: bigint, id: number, than: RecordCursor): boolean {
  return time === than.time ? id < than.id : time < than.time
}
