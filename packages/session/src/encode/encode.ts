import { encodeGeneral } from './encode-general.ts'
import { createPlainEncoder } from './encode-plain.ts'
import type { EncodedRecord } from './encoded-record.ts'
import type { RecordDraft } from '../record.ts'

/** Encodes the records of one log; stateful only to be fast. One log's sequencer owns it. */
export interface RecordEncoder {
  /**
   * Encodes one record: its canonical text and its OTLP/JSON LogRecord.
   *
   * @param index - Leaf index, from 0.
   * @throws {@link SessionError} `ERR_SESSION_DRAFT_INVALID` for what no record may hold;
   *   `ERR_SESSION_RECORD_TOO_LARGE` when what is required alone passes 8,000 bytes.
   */
  encode(draft: RecordDraft, index: number): EncodedRecord
}

/** An origin is made of URI-encoded parts, so it needs no escape in JSON. */
const ORIGIN = /^[!#-[\]-~]{1,1024}$/

/**
 * Creates the encoder of one log. A log keeps one: it remembers the spelling of names and of values
 * that repeat (at most 512 names, 256 values of each of twenty names), which makes it about twice
 * as fast as {@link encodeLogRecord}.
 *
 * Strings are made well-formed and cut at 1,024 bytes, lists at 64 elements; of a record that is
 * still over 8,000 bytes optional attributes are left out in a fixed order. `tokentrail.truncated`
 * names what was cut or left out.
 *
 * @param log - Origin of the log: `<service>/<slot>/<uuid>`.
 */
export function createRecordEncoder(log: string): RecordEncoder {
  if (typeof log !== 'string' || !ORIGIN.test(log)) {
    throw new TypeError('"log" must be the origin of a log: printable ASCII, without quotes')
  }
  const encodePlain = createPlainEncoder(log)
  return {
    encode(draft, index) {
      if (!Number.isSafeInteger(index) || index < 0) {
        throw new TypeError('"index" must be an integer of at least 0')
      }
      return encodePlain(draft, index) ?? encodeGeneral(draft, log, index)
    },
  }
}

/**
 * Encodes one record of a log. For many records of one log see {@link createRecordEncoder}.
 *
 * @throws {@link SessionError} `ERR_SESSION_DRAFT_INVALID`, `ERR_SESSION_RECORD_TOO_LARGE`.
 */
export function encodeLogRecord(draft: RecordDraft, log: string, index: number): EncodedRecord {
  return createRecordEncoder(log).encode(draft, index)
}
