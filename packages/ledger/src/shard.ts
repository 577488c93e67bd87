export { digestPrefixedLeaf } from './hash.ts'
export { freedomOf, readPlainRecord } from './verify/plain-leaf.ts'
export { readShard } from './verify/read-shard.ts'
export { MAX_RECORD_BYTES } from './verify/record-text.ts'

export type { ExportedRecord, RecordSource } from './verify/exported-record.ts'
export type { IntakeShard, ReadRecord, ReadRecords } from './verify/intake.ts'
export type { Freedom, PlainLeaf } from './verify/plain-leaf.ts'
export type { RecordMembers } from './verify/record-text.ts'
