import type { RecordSource } from '@tokentrail/ledger'

/** A part of a line that stood at the edge of a file. */
export interface Fragment {
  readonly text: string
  readonly source: RecordSource
  /** Which part of its file it stood at an edge of, of a file that is read in parts. */
  readonly part?: number
}

/** Fragments that wait for their other halves. */
export interface Fragments {
  readonly tails: readonly Fragment[]
  readonly heads: readonly Fragment[]
}

/** A fragment, or two that are a whole line together. */
export interface Mended extends Fragment {
  readonly isWhole: boolean
}

/** Fragments that are kept of each kind, and the longest, in UTF-16 units. */
const MAX_FRAGMENTS = 64
const MAX_LENGTH = 4 * 1024 * 1024
/** Text that is parsed in trying, over all pairs: made-up fragments must not keep anybody waiting. */
const MAX_TRIED = 512 * 1024 * 1024

/**
 * Lines that the rotation of a file has cut in two: what stands at the end of one file and at the
 * beginning of another. Which goes with which is found by trying.
 */
export class TornLines {
  readonly #tails: Fragment[] = []
  readonly #heads: Fragment[] = []

  /** Keeps the end of a file, if there is room for it. */
  addTail(fragment: Fragment): boolean {
    return keep(this.#tails, fragment)
  }

  /** Keeps the beginning of a file, if there is room for it. */
  addHead(fragment: Fragment): boolean {
    return keep(this.#heads, fragment)
  }

  /** What it has, for another of its kind to {@link take}. */
  toFragments(): Fragments {
    return { tails: this.#tails, heads: this.#heads }
  }

  /** Takes over what another of its kind has; returns what there is no room for. */
  take({ tails, heads }: Fragments): Fragment[] {
    return [
      ...tails.filter((fragment) => !this.addTail(fragment)),
      ...heads.filter((fragment) => !this.addHead(fragment)),
    ]
  }

  /** Puts together what goes together; gives everything else as it is. */
  mend(): Mended[] {
    const heads = new Set(this.#heads)
    let tried = 0
    const mended = this.#tails.map((tail): Mended => {
      for (const head of heads) {
        const isSamePlace = head.source.file === tail.source.file && head.part === tail.part
        if (isSamePlace || tried > MAX_TRIED) continue
        tried += tail.text.length + head.text.length
        if (!isJson(tail.text + head.text)) continue
        heads.delete(head)
        return { text: tail.text + head.text, source: tail.source, isWhole: true }
      }
      return { ...tail, isWhole: false }
    })
    return [...mended, ...[...heads].map((head) => ({ ...head, isWhole: false }))]
  }
}

function keep(fragments: Fragment[], fragment: Fragment): boolean {
  const hasRoom = fragments.length < MAX_FRAGMENTS && fragment.text.length <= MAX_LENGTH
  if (hasRoom) fragments.push(fragment)
  return hasRoom
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
