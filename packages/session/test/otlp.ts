import type { EncodedRecord } from '../src/index.ts'

interface AnyValue {
  readonly stringValue?: string
  readonly intValue?: string
  readonly boolValue?: boolean
  readonly arrayValue?: { readonly values: readonly AnyValue[] }
}

/** An OTLP/JSON LogRecord, as far as an encoder writes it. */
export interface LogRecord {
  readonly timeUnixNano: string
  readonly severityNumber: number
  readonly eventName: string
  readonly body: AnyValue
  readonly attributes: readonly { readonly key: string; readonly value: AnyValue }[]
  readonly traceId?: string
  readonly spanId?: string
}

export function parseLogRecord({ json }: EncodedRecord): LogRecord {
  return JSON.parse(json) as LogRecord
}

/** The attributes as a collector reads them; integers are numbers again. */
export function attributesOf(encoded: EncodedRecord): { [name: string]: unknown } {
  return Object.fromEntries(
    parseLogRecord(encoded).attributes.map(({ key, value }) => [key, read(value)]),
  )
}

function read({ arrayValue, boolValue, intValue, stringValue }: AnyValue): unknown {
  if (arrayValue !== undefined) return arrayValue.values.map(read)
  return stringValue ?? boolValue ?? Number(intValue)
}

/** The text as journal recovery reads it: the bytes between the offsets, unescaped. */
export function textBetweenOffsets({ json, textEnd, textStart }: EncodedRecord): unknown {
  const bytes = new TextEncoder().encode(json).slice(textStart, textEnd)
  return JSON.parse(`"${new TextDecoder().decode(bytes)}"`)
}
