import {
  type CheckpointContent,
  type Frontier,
  type MerkleTree,
  createMerkleTree,
  encodeRoutes,
  HASH_BYTES,
  hashLeafInto,
} from '@tokentrail/ledger'

/** Most bytes of canonical text that a record may have. */
const MAX_RECORD_BYTES = 8000

/**
 * Bytes of a checkpoint record beside its leaves, routes, frontier and four times the origin: the
 * names, three numbers of up to 16 digits, a root, two signature lines, and the time.
 */
const FIXED_BYTES = 540

const HASH_BASE64_BYTES = 128 / 3

/** No checkpoint record has room for more leaves. */
const MAX_LEAVES = Math.floor(MAX_RECORD_BYTES / HASH_BASE64_BYTES)

/** Most bytes of a run in `routes` beside the routes themselves: `[9999,],`. */
const RUN_BYTES = 8

/**
 * So many texts are hashed at a time: between two requests the caches of a server have long
 * forgotten the hash, so that one text alone takes three to five times as long as one of many.
 */
const HASHED_TOGETHER = 32

/**
 * The tree of a log, and the leaves that its next checkpoint record will cover, with what that
 * record will weigh. Owner: the sequencer of the log.
 */
export class LeafWindow {
  readonly #originBytes: number
  readonly #tree: MerkleTree = createMerkleTree()
  #from = 0
  #frontier: Frontier
  /** Leaf hashes of the window, one after the other, as far as they are computed. */
  readonly #hashes = new Uint8Array(MAX_LEAVES * HASH_BYTES)
  #hashed = 0
  /** Texts of the newest leaves, which are not hashed yet. */
  #texts: string[] = []
  #routes: (readonly string[])[] = []
  #routesBytes = 0
  #reservedBytes = 0

  /** @param origin - Origin of the log, printable ASCII. */
  constructor(origin: string) {
    this.#originBytes = origin.length
    this.#frontier = this.#tree.frontier()
  }

  /** Number of leaves of the log. */
  get size(): number {
    return this.#tree.size + this.#texts.length
  }

  /** Number of leaves since the last checkpoint, its own leaf included. */
  get pending(): number {
    return this.#hashed + this.#texts.length
  }

  /** Index of the last checkpoint record, 0 before the first. */
  get from(): number {
    return this.#from
  }

  /** Keeps so many bytes of every checkpoint record free for something else. */
  reserve(bytes: number): void {
    this.#reservedBytes = bytes
  }

  root(): Uint8Array {
    this.#hashTexts()
    return this.#tree.root()
  }

  /** Tells whether a checkpoint record could not cover this leaf besides those at hand. */
  isFullFor(routes: readonly string[]): boolean {
    const leaves = Math.ceil((this.pending + 1) * HASH_BASE64_BYTES) + 4
    const frontier = Math.ceil(this.#frontier.hashes.length * HASH_BASE64_BYTES) + 20
    const runs = this.#routesBytes + this.#bytesOfRun(routes)
    const fixed = FIXED_BYTES + 4 * this.#originBytes + this.#reservedBytes
    return fixed + leaves + frontier + runs > MAX_RECORD_BYTES
  }

  /** Appends the leaf of a record that the journal has taken. */
  append(text: string, routes: readonly string[]): void {
    this.#routesBytes += this.#bytesOfRun(routes)
    this.#routes.push(routes)
    if (this.#texts.push(text) === HASHED_TOGETHER) this.#hashTexts()
  }

  /** What the next checkpoint record says of the window. */
  content(withFrontier: boolean): Omit<CheckpointContent, 'note'> {
    this.#hashTexts()
    return {
      from: this.#from,
      leafHashes: this.#leafHashes(),
      routes: encodeRoutes(this.#routes),
      ...(withFrontier && this.#from > 0 ? { frontier: this.#frontier } : {}),
    }
  }

  /** Begins the next window; call it before the leaf of the checkpoint record itself is appended. */
  restart(): void {
    this.#hashTexts()
    this.#from = this.#tree.size
    this.#frontier = this.#tree.frontier()
    this.#hashed = 0
    this.#routes = []
    this.#routesBytes = 0
  }

  #hashTexts(): void {
    for (const text of this.#texts) {
      const at = HASH_BYTES * this.#hashed++
      hashLeafInto(text, this.#hashes, at)
      this.#tree.append(this.#hashes, at)
    }
    this.#texts = []
  }

  /** Views of the window's own memory: whoever needs them longer than the window copies them. */
  #leafHashes(): Uint8Array[] {
    return Array.from({ length: this.#hashed }, (_, leaf) =>
      this.#hashes.subarray(HASH_BYTES * leaf, HASH_BYTES * (leaf + 1)),
    )
  }

  /** What one more leaf adds to `routes`: nothing, where it only lengthens the last run. */
  #bytesOfRun(routes: readonly string[]): number {
    const last = this.#routes.at(-1)
    if (last && isSame(last, routes)) return 0
    return Buffer.byteLength(JSON.stringify(routes)) + RUN_BYTES
  }
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((route, at) => route === b[at]))
}
