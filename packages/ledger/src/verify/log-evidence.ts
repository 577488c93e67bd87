import {
  buildClosingCheckpointText,
  decodeCheckpointRecord,
  type CheckpointRecord,
} from '../checkpoint-record.ts'
import { LedgerError } from '../errors.ts'
import { decodeRecoveredRecord, type Recovery } from '../recovered-record.ts'
import { LeafColumn, type LeafRows } from './leaf-column.ts'
import type { PlainLeaf } from './plain-leaf.ts'
import { kindOf, type RecordKind } from './record-kind.ts'
import { recordSeconds, type RecordHead, type RecordMembers } from './record-text.ts'

/** What one thread has read of a log. */
export interface LogShard {
  readonly origin: string
  readonly rows: LeafRows
  /** Texts of the records that verification itself rests on, by row. */
  readonly texts: readonly (readonly [row: number, text: string])[]
}

/** A checkpoint record at hand. */
export interface CheckpointEvidence extends CheckpointRecord {
  readonly row: number
  /** Leaf hash of its own text. */
  readonly hash: Uint8Array
  /** Seconds of its time. */
  readonly seconds: number
  /** Its text is what a closing checkpoint with this note and these leaves must be. */
  readonly isClosing: boolean
  /** A member that no checkpoint record has. */
  readonly strangeMember?: string
}

/** A `log.open` record at hand. */
export interface OpenEvidence {
  readonly row: number
  readonly certificate: string
}

/** A record that is not what its type says. */
export interface MalformedEvidence {
  readonly row: number
  readonly problem: string
}

/** Statements of losses that are kept. */
const MAX_LOSSES = 10_000

const CHECKPOINT_MEMBERS = new Set(
  'v log index type time note from leaves routes frontier certificate'.split(' '),
)

/**
 * All that is kept of one log while an export is read: a row per record, and the parsed form of the
 * few records that verification itself rests on. One owner: the verifier that fills it.
 */
export class LogEvidence {
  readonly origin: string
  readonly leaves: LeafColumn = new LeafColumn()
  readonly opens: OpenEvidence[] = []
  readonly checkpoints: CheckpointEvidence[] = []
  readonly #checkpointsByRow = new Map<number, CheckpointEvidence>()
  readonly #recoveriesByRow = new Map<number, Recovery>()
  /** Records that only a log with a certificate of another kind may hold, by row. */
  readonly statements: Map<number, RecordMembers> = new Map()
  /** Records that say what was lost, by row. */
  readonly losses: Map<number, RecordMembers> = new Map()
  readonly malformed: MalformedEvidence[] = []
  /** Leaf hashes of records with a parsed form, so that copies are parsed and kept once. */
  readonly #parsed = new Set<string>()

  /** Texts that another thread is to parse, by row; `undefined` when they are parsed here. */
  readonly #texts: (readonly [row: number, text: string])[] | undefined

  /** @param isShard - It is filled for {@link toShard} only: nothing is parsed. */
  constructor(origin: string, isShard = false) {
    this.origin = origin
    this.#texts = isShard ? [] : undefined
  }

  /** Takes a record in. */
  add(record: RecordHead, text: string): void {
    const kind = kindOf(record.type)
    const row = this.leaves.append(text, record.index, recordSeconds(record), kind)
    if (kind === 'ordinary' && !record.hasLeaves) return
    if (this.#texts === undefined) this.#read(row, text)
    else this.#texts.push([row, text])
  }

  /** Takes in an ordinary record of which only its leaf was kept. */
  addLeaf({ digest, index, seconds }: PlainLeaf): void {
    this.leaves.appendDigest(digest, index, seconds, 'ordinary')
  }

  /** What was read of the log, for {@link merge} in another thread. */
  toShard(): LogShard {
    return { origin: this.origin, rows: this.leaves.toRows(), texts: this.#texts ?? [] }
  }

  /** Takes in what another thread has read of the log. */
  merge({ rows, texts }: LogShard): void {
    const first = this.leaves.count
    this.leaves.appendRows(rows)
    for (const [row, text] of texts) this.#read(first + row, text)
  }

  #read(row: number, text: string): void {
    const kind = this.leaves.kindAt(row)
    if (kind === 'ordinary') this.#suspect(text, row)
    else this.#parse(kind, text, row)
  }

  /** Takes in a body that is no record of this layout but claims a place in this log. */
  addBroken(text: string, index: number): void {
    this.leaves.append(text, index, Number.NaN, 'ordinary')
  }

  /** The checkpoint record in a row. */
  checkpointAt(row: number): CheckpointEvidence | undefined {
    return this.#checkpointsByRow.get(row)
  }

  /** The `log.recovered` record in a row. */
  recoveryAt(row: number): Recovery | undefined {
    return this.#recoveriesByRow.get(row)
  }

  /** A checkpoint under another name, to have it not looked at as one. */
  #suspect(text: string, row: number): void {
    if ('note' in (JSON.parse(text) as RecordMembers)) {
      this.malformed.push({ row, problem: 'it looks like a checkpoint and is not called one' })
    }
  }

  #parse(kind: RecordKind, text: string, row: number): void {
    const key = String.fromCharCode(...this.leaves.hashAt(row))
    if (this.#parsed.has(key)) return
    this.#parsed.add(key)
    const record = JSON.parse(text) as RecordMembers
    try {
      if (kind === 'checkpoint') this.#addCheckpoint(record, text, row)
      else if (kind === 'open') this.opens.push(readOpen(record, row))
      else if (kind === 'recovered') this.#recoveriesByRow.set(row, decodeRecoveredRecord(record))
      else if (kind === 'statement') this.statements.set(row, record)
      else if (kind === 'loss') this.#addLoss(record, row)
      else checkClose(record)
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error
      this.malformed.push({ row, problem: error.message })
    }
  }

  #addLoss(record: RecordMembers, row: number): void {
    if (this.losses.size < MAX_LOSSES) this.losses.set(row, record)
  }

  #addCheckpoint(record: RecordMembers, text: string, row: number): void {
    const decoded = decodeCheckpointRecord(record)
    const strangeMember = Object.keys(record).find((name) => !CHECKPOINT_MEMBERS.has(name))
    const checkpoint = {
      ...decoded,
      row,
      hash: this.leaves.hashAt(row).slice(),
      seconds: this.leaves.secondsAt(row),
      isClosing: isClosingText(decoded, text),
      ...(strangeMember !== undefined && { strangeMember }),
    }
    this.checkpoints.push(checkpoint)
    this.#checkpointsByRow.set(row, checkpoint)
  }
}

/** Tells whether a text is what a closing checkpoint with this content must be. */
export function isClosingText(checkpoint: CheckpointRecord, text: string): boolean {
  const { log, index, from, leaves, noteText, routes, frontier, certificate } = checkpoint
  if ((routes ?? frontier ?? certificate) !== undefined) return false
  try {
    return buildClosingCheckpointText({ log, index, from, leaves, note: noteText }) === text
  } catch {
    return false
  }
}

function readOpen(record: RecordMembers, row: number): OpenEvidence {
  const { certificate } = record
  if (typeof certificate !== 'string') throw malformed('log.open has no certificate')
  return { row, certificate }
}

function checkClose(record: RecordMembers): void {
  const { count, index } = record
  if (count !== undefined && count !== index) throw malformed('log.close counts other records')
  if ('note' in record || 'leaves' in record) throw malformed('log.close looks like a checkpoint')
}

function malformed(what: string): LedgerError {
  return new LedgerError('ERR_LEDGER_RECORD_MALFORMED', what)
}
