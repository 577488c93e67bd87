import {
  createRecordEncoder,
  decodeRecord,
  type DecodedRecord,
  type Identity,
  type RecordDraft,
  type RecordSink,
} from '../src/index.ts'

/** A sink that keeps what it gets, encoded as a log would. */
export interface RecordingSink extends RecordSink {
  origin: string
  readonly drafts: RecordDraft[]
  readonly identities: Identity[]
  readonly records: DecodedRecord[]
}

export function createRecordingSink(): RecordingSink {
  const drafts: RecordDraft[] = []
  const identities: Identity[] = []
  const records: DecodedRecord[] = []
  return {
    origin: 'orders/0/first',
    drafts,
    identities,
    records,
    append(draft, used = []) {
      identities.push(...used)
      records.push(
        decodeRecord(createRecordEncoder(this.origin).encode(draft, records.length).text),
      )
      drafts.push(draft)
    },
  }
}
