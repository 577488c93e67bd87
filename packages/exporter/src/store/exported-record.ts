/** A record as an export holds it: the body is the evidence, all else is a projection of it. */
export interface ExportedRecord {
  readonly body: string
  readonly attributes?: { readonly [name: string]: unknown }
  readonly eventName?: string
  readonly timeUnixNano?: string
  readonly severityNumber?: number
  readonly traceId?: string
  readonly spanId?: string
  readonly source?: { readonly file: string; readonly line: number }
}
