type Json = { readonly [name: string]: unknown }

/**
 * The names that fields of OTLP have in its `.proto` files. A proto3 JSON parser takes a field
 * under that name as under its lowerCamelCase one (ProtoJSON format, "Field names as JSON keys"),
 * so a value that stands there is one that another reader sees.
 */
const PROTO_NAMES = {
  resourceLogs: 'resource_logs',
  scopeLogs: 'scope_logs',
  logRecords: 'log_records',
  eventName: 'event_name',
  timeUnixNano: 'time_unix_nano',
  severityNumber: 'severity_number',
  severityText: 'severity_text',
  traceId: 'trace_id',
  spanId: 'span_id',
  stringValue: 'string_value',
  boolValue: 'bool_value',
  intValue: 'int_value',
  doubleValue: 'double_value',
  arrayValue: 'array_value',
  kvlistValue: 'kvlist_value',
  bytesValue: 'bytes_value',
} as const

/** A field of OTLP that has two names. */
export type FieldName = keyof typeof PROTO_NAMES

/** Reads a field under either of its names; of two values that differ, both in a list. */
export function readField(holder: Json, name: FieldName): unknown {
  const value = holder[name] ?? undefined
  const other = holder[PROTO_NAMES[name]] ?? undefined
  if (other === undefined || other === value) return value
  return value === undefined ? other : [value, other]
}

/** Reads a repeated field: what stands under either of its names. */
export function readList(holder: Json, name: FieldName): readonly unknown[] {
  const lists = [holder[name], holder[PROTO_NAMES[name]]]
  return lists.flatMap((list) => (Array.isArray(list) ? (list as readonly unknown[]) : []))
}

/** Tells whether a text may name a list of OTLP as its `.proto` file does. */
export function mayHaveProtoLists(text: string): boolean {
  return /"(?:resource_logs|scope_logs|log_records)"/.test(text)
}
