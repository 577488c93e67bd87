import { CHECKPOINT_TYPE } from '../checkpoint-record.ts'
import { RECOVERED_TYPE } from '../recovered-record.ts'
import { DAMAGE_TYPE, LOSS_TYPE, certificateKindFor } from './statements.ts'

/** What a record is to its log, as far as verification must tell them apart. */
export const RECORD_KINDS = [
  'ordinary',
  'open',
  'checkpoint',
  'close',
  'recovered',
  'statement',
  'loss',
] as const

/** A kind of record. */
export type RecordKind = (typeof RECORD_KINDS)[number]

const KINDS: ReadonlyMap<string, RecordKind> = new Map([
  ['tokentrail.log.open', 'open'],
  [CHECKPOINT_TYPE, 'checkpoint'],
  ['tokentrail.log.close', 'close'],
  [RECOVERED_TYPE, 'recovered'],
  [LOSS_TYPE, 'loss'],
  [DAMAGE_TYPE, 'loss'],
])

/** The kind of the records of a type. */
export function kindOf(type: string): RecordKind {
  const kind = KINDS.get(type)
  if (kind !== undefined) return kind
  return certificateKindFor(type) === undefined ? 'ordinary' : 'statement'
}
