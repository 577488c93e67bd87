import type { DatabaseSync } from 'node:sqlite'
import { BlockTable } from './block-table.ts'
import { Chunks } from './chunks.ts'
import { Dictionary } from './dictionary.ts'
import { IdSources } from './id-sources.ts'
import { IdentityTable } from './identity-table.ts'
import { LogTable } from './log-table.ts'
import { readText } from './record-facts.ts'
import { RecordTable } from './record-table.ts'
import { SessionTable } from './session-table.ts'
import { buildTerms } from './terms.ts'
import { TokenTable } from './token-table.ts'

/** Everything that a store is made of. */
export interface StoreTables {
  readonly records: RecordTable
  readonly blocks: BlockTable
  readonly chunks: Chunks
  readonly terms: Dictionary
  readonly ids: IdSources
  readonly logs: LogTable
  readonly identities: IdentityTable
  readonly tokens: TokenTable
  readonly sessions: SessionTable
}

/** Opens the tables and rebuilds what only lives in memory: the postings of the open chunk. */
export function createTables(database: DatabaseSync): StoreTables {
  const tables: StoreTables = {
    records: new RecordTable(database),
    blocks: new BlockTable(database),
    chunks: new Chunks(database),
    terms: new Dictionary(database),
    ids: new IdSources(database),
    logs: new LogTable(database),
    identities: new IdentityTable(database),
    tokens: new TokenTable(database),
    sessions: new SessionTable(database),
  }
  for (const text of tables.records.textsSince(tables.chunks.firstOpenId)) {
    const read = readText(text, undefined)
    if (read.kind !== 'record') throw new Error('the store holds a text that is no record')
    const terms = [...buildTerms(read.facts)].map((term) => tables.terms.intern(term))
    tables.chunks.add(BigInt(read.facts.time), terms)
  }
  return tables
}
