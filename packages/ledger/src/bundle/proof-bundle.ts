import { formatBase64, parseBase64 } from '../base64.ts'
import { concatBytes } from '../bytes.ts'
import { LedgerError } from '../errors.ts'
import { HASH_BYTES } from '../hash.ts'
import { canonicalize } from '../jcs.ts'

/** Member `format` of every bundle. */
const BUNDLE_FORMAT = 'tokentrail-proof'
const VERSION = 1

/** Whose records a bundle holds: those of a session, or one record by its `log.record.uid`. */
export type BundleSubject = { readonly session: string } | { readonly record: string }

/** Under what root the records of a log are proven. */
export type BundleHead =
  /** A checkpoint of the log itself, verbatim. */
  | { readonly note: string }
  /** The root that a `log.recovered` record of another log in the bundle names. */
  | { readonly recovered: { readonly log: string; readonly index: number } }

/** A record, and where its inclusion proof stands among the nodes of its log. */
export interface BundleRecord {
  readonly text: string
  /** Positions in `nodes`, the leaf's sibling first. */
  readonly path: readonly number[]
}

/** The proven records of one log. */
export interface BundleLog {
  readonly log: string
  /** Compact JWS of the log's certificate. */
  readonly certificate: string
  readonly head: BundleHead
  /** Hashes of the inclusion proofs, each once, in the order of their first use. */
  readonly nodes: readonly Uint8Array[]
  /** By index. */
  readonly records: readonly BundleRecord[]
}

/** Records with everything that proves them but the public root key. */
export interface ProofBundle {
  readonly about: BundleSubject
  /** By origin. */
  readonly logs: readonly BundleLog[]
}

type Json = { readonly [name: string]: unknown }

/**
 * Formats a bundle: canonical JSON (RFC 8785) and a newline.
 *
 *     {
 *       "about": { "session": "<id>" },
 *       "format": "tokentrail-proof",
 *       "logs": [
 *         {
 *           "certificate": "<JWS>",
 *           "head": { "note": "<signed note>" },
 *           "log": "<origin>",
 *           "nodes": "<base64 of 32 bytes each>",
 *           "records": [{ "path": [0, 1], "text": "<canonical text>" }]
 *         }
 *       ],
 *       "v": 1
 *     }
 */
export function formatProofBundle({ about, logs }: ProofBundle): string {
  const value = {
    about,
    format: BUNDLE_FORMAT,
    logs: logs.map((log) => ({ ...log, nodes: formatBase64(concatBytes(...log.nodes)) })),
    v: VERSION,
  }
  return `${canonicalize(value)}\n`
}

/** Tells whether a text means to be a bundle; whether it is one, {@link parseProofBundle} says. */
export function isProofBundle(text: string): boolean {
  return /^\{"about":\{"(?:session|record)":/.test(text)
}

/**
 * Parses a bundle. It takes only what {@link formatProofBundle} produces, to the byte: nothing in it
 * is free, so nothing can be added where no proof would cover it.
 *
 * @throws {@link LedgerError} `ERR_LEDGER_BUNDLE_MALFORMED`, `ERR_LEDGER_ENCODING_INVALID`
 */
export function parseProofBundle(text: string): ProofBundle {
  const value = parseObject(text)
  checkMembers(value, ['about', 'format', 'logs', 'v'])
  if (value['format'] !== BUNDLE_FORMAT || value['v'] !== VERSION) {
    throw malformed('is of another format or version')
  }
  const bundle = { about: readSubject(value['about']), logs: readList(value['logs']).map(readLog) }
  const origins = bundle.logs.map(({ log }) => log)
  if (!isAscending(origins)) throw malformed('has its logs out of order')
  if (formatProofBundle(bundle) !== text) throw malformed('is not in its one canonical form')
  return bundle
}

function parseObject(text: string): Json {
  try {
    return readObject(JSON.parse(text))
  } catch (error) {
    if (error instanceof LedgerError) throw error
    throw malformed('is no JSON')
  }
}

function readSubject(value: unknown): BundleSubject {
  const subject = readObject(value)
  const [name, ...others] = Object.keys(subject)
  if (others.length > 0) throw malformed('is about more than one thing')
  if (name === 'session') return { session: readText(subject[name]) }
  if (name === 'record') return { record: readText(subject[name]) }
  throw malformed('is about no session or record')
}

function readLog(value: unknown): BundleLog {
  const log = readObject(value)
  checkMembers(log, ['certificate', 'head', 'log', 'nodes', 'records'])
  const nodes = readNodes(readText(log['nodes']))
  const records = readList(log['records']).map(readRecord)
  checkPaths(nodes, records)
  return {
    log: readText(log['log']),
    certificate: readText(log['certificate']),
    head: readHead(log['head']),
    nodes,
    records,
  }
}

function readHead(value: unknown): BundleHead {
  const head = readObject(value)
  if ('note' in head) {
    checkMembers(head, ['note'])
    return { note: readText(head['note']) }
  }
  checkMembers(head, ['recovered'])
  const recovered = readObject(head['recovered'])
  checkMembers(recovered, ['index', 'log'])
  return { recovered: { log: readText(recovered['log']), index: readIndex(recovered['index']) } }
}

function readRecord(value: unknown): BundleRecord {
  const record = readObject(value)
  checkMembers(record, ['path', 'text'])
  return { text: readText(record['text']), path: readList(record['path']).map(readIndex) }
}

function readNodes(text: string): Uint8Array[] {
  const bytes = parseBase64(text)
  if (bytes.length % HASH_BYTES !== 0) throw malformed('has a node that is not 32 bytes')
  return Array.from({ length: bytes.length / HASH_BYTES }, (_, i) =>
    bytes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES),
  )
}

/** Every node is there once, is used, and stands where its first use comes. */
function checkPaths(nodes: readonly Uint8Array[], records: readonly BundleRecord[]): void {
  let known = 0
  for (const place of records.flatMap(({ path }) => path)) {
    if (place > known) throw malformed('has its nodes out of order')
    if (place === known) known++
  }
  if (known !== nodes.length) throw malformed('has nodes that no proof uses, or lacks some')
  const distinct = new Set(nodes.map((node) => formatBase64(node)))
  if (distinct.size !== nodes.length) throw malformed('has a node twice')
}

function isAscending(values: readonly string[]): boolean {
  return values.every((value, i) => i === 0 || values[i - 1]! < value)
}

function checkMembers(value: Json, names: readonly string[]): void {
  const own = Object.keys(value)
  if (own.length !== names.length || !names.every((name) => Object.hasOwn(value, name))) {
    throw malformed(`has other members than ${names.join(', ')}`)
  }
}

function readObject(value: unknown): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json
  throw malformed('has something else where an object must be')
}

function readList(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw malformed('has something else where a list must be')
}

function readText(value: unknown): string {
  if (typeof value === 'string') return value
  throw malformed('has something else where a text must be')
}

function readIndex(value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number
  throw malformed('has something else where an index must be')
}

function malformed(what: string): LedgerError {
  return new LedgerError('ERR_LEDGER_BUNDLE_MALFORMED', `proof bundle ${what}`)
}
