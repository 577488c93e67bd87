/** One log record as a reader found it in an export, whatever the backend made of it. */
export interface ExportedRecord {
  /** The canonical text: OTLP `body.stringValue`. Everything else is a copy that is compared. */
  readonly body: string
  /** Decoded OTLP attribute values; numbers and booleans may have become strings. */
  readonly attributes?: { readonly [name: string]: unknown }
  readonly eventName?: string
  readonly timeUnixNano?: string
  /** 0 says that there is none; NaN stands for what is no number of the data model. */
  readonly severityNumber?: number
  readonly severityText?: string
  readonly traceId?: string
  readonly spanId?: string
  /** `service.name` of the resource it came under. */
  readonly serviceName?: string
  /** Where it stood, for messages. */
  readonly source?: RecordSource
}

/** A line of a file of an export. */
export interface RecordSource {
  readonly file: string
  readonly line: number
}

/** Records as a reader gives them; lists of them cost less than a promise for each. */
export type ExportedRecords =
  Iterable<ExportedRecord> | AsyncIterable<ExportedRecord | readonly ExportedRecord[]>
