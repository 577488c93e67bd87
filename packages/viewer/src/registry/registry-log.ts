import type { DatabaseSync, StatementSync } from 'node:sqlite'
import {
  buildCheckpointNote,
  buildConsistencyProofOver,
  buildFrontierOver,
  canonicalize,
  CHECKPOINT_TYPE,
  createCosigner,
  createMerkleTree,
  createNoteSigner,
  encodeCheckpointMembers,
  encodeRoutes,
  hashLeaf,
  parseBase64Url,
  type Cosigner,
  type Frontier,
  type JsonValue,
  type MerkleTree,
  type NoteSigner,
  type NodeSource,
} from '@tokentrail/ledger'
import { ViewerError } from '../errors.ts'
import { VERSION } from '../version.ts'

/** The key of a registry, as `tokentrail keys init` makes it. */
export interface RegistryKey {
  /** Origin of the registry's log. */
  readonly origin: string
  /** Raw private Ed25519 key, base64url: `d` of its JWK. */
  readonly d: string
  /** `typ: registry-cert+jwt`, by the root. */
  readonly certificate: string
}

/** Options of {@link RegistryLog}. */
export interface RegistryLogOptions {
  readonly database: DatabaseSync
  readonly key: RegistryKey
  /** Nanoseconds since 1970 UTC. */
  readonly now: () => bigint
}

/** What a record of the registry has of its own. */
export interface RegistryMembers {
  readonly type: string
  readonly [name: string]: JsonValue
}

/** A signed head of the registry. */
export interface RegistryHead {
  readonly size: number
  /** Signed note. */
  readonly note: string
  /** POSIX seconds. */
  readonly seconds: number
}

/**
 * Most leaves of a checkpoint record: with the frontier of a log of 2^40 leaves and an origin of
 * 200 characters it stays below 8,000 bytes.
 */
const MAX_WINDOW = 110
/** Levels of subtrees that are kept. */
const NODE_LEVELS = [8, 16, 24]
const EVERY_ROUTE = [['*']]

/**
 * The one log of a deployment whose origin and key last: its leaves say which logs there are and
 * what their heads were. It has the form of every other log. When {@link RegistryLog.transact}
 * returns, what was appended is on disk; when it throws, nothing was.
 *
 * Owner of all state: the process that holds the store's writer lock; one thread.
 */
export class RegistryLog implements NodeSource {
  readonly origin: string
  readonly database: DatabaseSync
  readonly #now: () => bigint
  readonly #signer: NoteSigner
  readonly #cosigner: Cosigner
  readonly #insertLeaf: StatementSync
  readonly #insertNode: StatementSync
  readonly #selectLeaf: StatementSync
  readonly #selectNode: StatementSync
  readonly #selectTexts: StatementSync
  #tree: MerkleTree
  /** Index of the last checkpoint record, and the compact range before it. */
  #from = 0
  #fromFrontier: Frontier = { size: 0, hashes: [] }
  #head: RegistryHead | undefined
  #lastSeconds = 0n
  #isTransacting = false
  #changedSize = 0

  constructor({ database, key, now }: RegistryLogOptions) {
    this.origin = key.origin
    this.database = database
    this.#now = now
    const seed = parseBase64Url(key.d)
    this.#signer = createNoteSigner(key.origin, seed)
    this.#cosigner = createCosigner(key.origin, seed)
    seed.fill(0)
    this.#insertLeaf = database.prepare('INSERT INTO leaves VALUES (?, ?, ?)')
    this.#insertNode = database.prepare('INSERT INTO nodes VALUES (?, ?, ?)')
    this.#selectLeaf = database.prepare('SELECT hash FROM leaves WHERE idx = ?')
    this.#selectNode = database.prepare('SELECT hash FROM nodes WHERE level = ? AND start = ?')
    this.#selectTexts = database.prepare(
      'SELECT text FROM leaves WHERE idx >= ? ORDER BY idx LIMIT ?',
    )
    this.#tree = this.#restore()
    if (this.size === 0) this.#open(key)
    else {
      this.#checkOrigin()
      this.#changedSize = this.size
    }
  }

  /** Size behind the last leaf that says something of another log; after a start all of them. */
  get changedSize(): number {
    return this.#changedSize
  }

  /** Number of leaves. */
  get size(): number {
    return this.#tree.size
  }

  /** Leaves that no checkpoint covers yet, the last checkpoint itself left out. */
  get uncovered(): number {
    return this.size - this.#from - (this.#head === undefined ? 0 : 1)
  }

  /** The newest signed head. */
  get head(): RegistryHead | undefined {
    return this.#head
  }

  /** Signer of its heads, so that others can be told its verifier key. */
  get signer(): NoteSigner {
    return this.#signer
  }

  /**
   * Appends in one transaction, together with whatever else the callback writes.
   *
   * @param work - Gets a function that appends one record and returns its index.
   */
  transact<Result>(work: (append: (members: RegistryMembers) => number) => Result): Result {
    const restore = this.#capture()
    this.#isTransacting = true
    this.database.exec('BEGIN IMMEDIATE')
    try {
      const result = work((members) => this.#append(members))
      this.database.exec('COMMIT')
      return result
    } catch (error) {
      if (this.database.isTransaction) this.database.exec('ROLLBACK')
      restore()
      throw error
    } finally {
      this.#isTransacting = false
    }
  }

  /** Signs a head over everything so far, and appends it. */
  checkpoint(): RegistryHead {
    if (!this.#isTransacting) this.transact(() => this.#checkpoint())
    else this.#checkpoint()
    return this.#head!
  }

  /** Proof that a later head follows from an earlier one; empty from size 0. */
  consistencyProof(from: number, to: number): readonly Uint8Array[] {
    return from === 0 ? [] : buildConsistencyProofOver(this, from, to)
  }

  nodeAt(level: number, start: number): Uint8Array | undefined {
    const row =
      level === 0
        ? this.#selectLeaf.get(start)
        : NODE_LEVELS.includes(level)
          ? this.#selectNode.get(level, start)
          : undefined
    return row?.['hash'] as Uint8Array | undefined
  }

  /** Canonical texts from an index on, at most `limit`. */
  textsFrom(index: number, limit: number): readonly string[] {
    return this.#selectTexts.all(index, limit).map(({ text }) => String(text))
  }

  #append(members: RegistryMembers): number {
    if (this.size - this.#from >= MAX_WINDOW) this.#checkpoint()
    const index = this.#write({ time: this.#now().toString(), ...members })
    if (members.type.startsWith('tokentrail.registry.')) this.#changedSize = index + 1
    return index
  }

  #checkpoint(): void {
    const size = this.size
    const seconds = this.#nextSeconds()
    const note = buildCheckpointNote({
      size,
      root: this.#tree.root(),
      timestamp: seconds,
      signer: this.#signer,
      cosigner: this.#cosigner,
    })
    const count = size - this.#from
    const leafHashes = Array.from({ length: count }, (_, at) => this.nodeAt(0, this.#from + at)!)
    const content = encodeCheckpointMembers({
      note,
      from: this.#from,
      leafHashes,
      routes: encodeRoutes(Array.from({ length: count }, () => EVERY_ROUTE[0]!)),
      ...(this.#from > 0 && { frontier: this.#fromFrontier }),
    })
    this.#from = size
    this.#fromFrontier = this.#tree.frontier()
    this.#write({ time: `${seconds}000000000`, type: CHECKPOINT_TYPE, ...content })
    this.#head = { size, note, seconds: Number(seconds) }
  }

  #write(members: Readonly<Record<string, unknown>>): number {
    const index = this.size
    const text = canonicalize({ v: 1, log: this.origin, index, ...members })
    const hash = hashLeaf(text)
    this.#insertLeaf.run(index, hash, text)
    this.#tree.append(hash)
    for (const level of NODE_LEVELS) {
      const width = 2 ** level
      if (this.size % width !== 0) break
      const start = this.size - width
      this.#insertNode.run(level, start, this.#rootOf(start, width))
    }
    return index
  }

  /** Root of a subtree that has just become full: that of its halves, down to what is kept. */
  #rootOf(start: number, width: number): Uint8Array {
    const tree = createMerkleTree()
    const step = width === 256 ? 1 : width / 256
    const level = Math.log2(step)
    for (let at = start; at < start + width; at += step) tree.append(this.nodeAt(level, at)!)
    return tree.root()
  }

  #open({ certificate }: RegistryKey): void {
    this.transact(() => {
      this.database.prepare("INSERT INTO meta VALUES ('origin', ?)").run(this.origin)
      this.#append({
        type: 'tokentrail.log.open',
        certificate,
        hooks: [],
        attributes: { 'tokentrail.recorder.version': VERSION },
      })
      this.#checkpoint()
    })
  }

  #restore(): MerkleTree {
    const select = 'SELECT idx, text FROM leaves ORDER BY idx DESC LIMIT 200'
    const rows = this.database.prepare(select).all()
    const size = rows.length === 0 ? 0 : Number(rows[0]?.['idx']) + 1
    const tree = createMerkleTree(buildFrontierOver(this, size))
    const last = rows.find(({ text }) => String(text).includes(`"type":"${CHECKPOINT_TYPE}"`))
    if (last !== undefined) {
      const { index, note, time } = JSON.parse(String(last['text'])) as {
        readonly index: number
        readonly note: string
        readonly time: string
      }
      this.#from = index
      this.#fromFrontier = buildFrontierOver(this, index)
      this.#lastSeconds = BigInt(time) / 1_000_000_000n
      this.#head = { size: index, note, seconds: Number(this.#lastSeconds) }
    }
    return tree
  }

  #checkOrigin(): void {
    const held = this.database.prepare("SELECT value FROM meta WHERE key = 'origin'").get()?.[
      'value'
    ]
    if (held === this.origin) return
    throw new ViewerError(
      'ERR_VIEWER_STORE_UNREADABLE',
      'this is the store of another registry: the key names another origin than its log',
    )
  }

  #capture(): () => void {
    const frontier = this.#tree.frontier()
    const [from, fromFrontier, head] = [this.#from, this.#fromFrontier, this.#head]
    return () => {
      this.#tree = createMerkleTree(frontier)
      this.#from = from
      this.#fromFrontier = fromFrontier
      this.#head = head
    }
  }

  /** A clock that was set back must not make a later head look older than an earlier one. */
  #nextSeconds(): bigint {
    const seconds = this.#now() / 1_000_000_000n
    if (seconds > this.#lastSeconds) this.#lastSeconds = seconds
    return this.#lastSeconds
  }
}
