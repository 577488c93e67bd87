import type { IncomingMessage, ServerResponse } from 'node:http'
import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import {
  createCosigner,
  decideAddCheckpoint,
  formatNote,
  type Cosigner,
  type PolicyLog,
  type WitnessDecision,
  type WitnessedHead,
} from '@tokentrail/ledger'
import type { DatabaseSync } from 'node:sqlite'
import { openWriterLock } from '../../store/writer-lock.ts'
import { readText } from '../read-text.ts'
import { openWitnessDatabase } from './witness-database.ts'

/** Options of {@link openWitness}. */
export interface WitnessOptions {
  /** File of what it has cosigned, or `:memory:`. */
  readonly path: string
  /** Name of the witness: like a URL without a scheme, and the name of its key. */
  readonly name: string
  /** Raw private Ed25519 key, 32 bytes, used for nothing else. */
  readonly seed: Uint8Array
  /** Logs that it knows, by configuration. */
  readonly logs: readonly PolicyLog[]
  /** POSIX seconds. */
  readonly nowSeconds: () => bigint
}

/** A witness (C2SP tlog-witness). */
export interface Witness {
  readonly cosigner: Cosigner
  /** Decides about the body of an `add-checkpoint` and keeps the head before it returns. */
  addCheckpoint(body: string): WitnessResult
  /** Answers a request. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>
  close(): void
}

/** A status of C2SP tlog-witness, and the body that belongs to it. */
export interface WitnessResult {
  readonly status: number
  readonly body: string
}

const MAX_BODY_BYTES = 16_384

/**
 * Opens a small witness: it cosigns checkpoints of the logs that it knows, each only when it
 * follows from the one before. Reading the head that is held, deciding, and keeping the new one are
 * one transaction, flushed before the answer leaves: a slower request can never roll a tree back,
 * nor can a crash.
 *
 * It proves something when somebody else runs it than who runs the log.
 *
 * @throws ViewerError `ERR_VIEWER_STORE_BUSY`, `ERR_VIEWER_STORE_UNREADABLE`
 */
export function openWitness(options: WitnessOptions): Witness {
  const { path, name, seed, logs, nowSeconds } = options
  const isFile = path !== ':memory:'
  if (isFile) mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const lock = isFile ? openWriterLock(path) : undefined
  const database = openWitnessDatabase(path)
  const cosigner = createCosigner(name, seed)
  const heads = new WitnessedHeads(database)
  const keysOf = (origin: string) =>
    logs.filter(({ key }) => key.name === origin).map(({ key }) => key)

  function addCheckpoint(body: string): WitnessResult {
    database.exec('BEGIN IMMEDIATE')
    try {
      const decision = decideAddCheckpoint(body, { keysOf, headOf: (origin) => heads.of(origin) })
      const result = answer(decision)
      database.exec('COMMIT')
      return result
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK')
      throw error
    }
  }

  function answer(decision: WitnessDecision): WitnessResult {
    if (decision.status === 409) return { status: 409, body: `${decision.heldSize}\n` }
    if (decision.status !== 200) return { status: decision.status, body: `${decision.reason}\n` }
    const { text, checkpoint } = decision
    const note = formatNote({ text, signatures: [cosigner.sign(text, nowSeconds())] })
    heads.keep(checkpoint.origin, checkpoint, note)
    return { status: 200, body: note.slice(text.length + 1) }
  }

  return {
    cosigner,
    addCheckpoint,
    handle: (request, response) => handle(request, response, addCheckpoint, heads),
    close: () => {
      database.close()
      lock?.close()
    },
  }
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  addCheckpoint: (body: string) => WitnessResult,
  heads: WitnessedHeads,
): Promise<void> {
  const path = (request.url ?? '').split('?', 1)[0] ?? ''
  if (request.method === 'POST' && path.endsWith('/add-checkpoint')) {
    const body = await readText(request, MAX_BODY_BYTES)
    const result = body === undefined ? { status: 413, body: 'too large\n' } : addCheckpoint(body)
    return send(response, result)
  }
  const hash = /\/([0-9a-f]{64})\/checkpoint$/.exec(path)?.[1]
  const note = hash === undefined ? undefined : heads.noteOf(hash)
  if (request.method === 'GET' && note !== undefined)
    return send(response, { status: 200, body: note })
  return send(response, { status: 404, body: 'nothing at this address\n' })
}

function send(response: ServerResponse, { status, body }: WitnessResult): void {
  const type = status === 409 ? 'text/x.tlog.size' : 'text/plain; charset=utf-8'
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' })
  response.end(body)
}

/** What a witness has cosigned, by origin. */
class WitnessedHeads {
  readonly #database: DatabaseSync

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  of(origin: string): WitnessedHead | undefined {
    const select = 'SELECT size, root FROM heads WHERE origin = ?'
    const row = this.#database.prepare(select).get(origin)
    return row && { size: BigInt(String(row['size'])), root: row['root'] as Uint8Array }
  }

  keep(origin: string, { size, root }: WitnessedHead, note: string): void {
    const hash = createHash('sha256').update(origin).digest('hex')
    this.#database
      .prepare('INSERT OR REPLACE INTO heads VALUES (?, ?, ?, ?, ?)')
      .run(origin, hash, size.toString(), root, note)
  }

  /** Note of a log by the lower-case hex SHA-256 of its origin, for monitors. */
  noteOf(hash: string): string | undefined {
    const row = this.#database.prepare('SELECT note FROM heads WHERE hash = ?').get(hash)
    return row === undefined ? undefined : String(row['note'])
  }
}
