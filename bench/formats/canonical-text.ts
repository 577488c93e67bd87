import type { SampleRecord } from '../request-record.ts'

// Characters that JSON must escape, and lone surrogates, which JSON.stringify escapes too.
// eslint-disable-next-line no-control-regex
const NEEDS_ESCAPE = /["\\\u0000-\u001f\ud800-\udfff]/

/** A JSON string; most values need no escape, and then quoting them is a concatenation. */
export function quote(text: string): string {
  return NEEDS_ESCAPE.test(text) ? JSON.stringify(text) : `"${text}"`
}

/** Canonical text (RFC 8785) of a record. Its members are few and known, so their order is fixed. */
export function encodeText(record: SampleRecord, names: readonly string[]): string {
  let attributes = ''
  for (const name of names) {
    const value = record.attributes[name]
    const text = typeof value === 'string' ? quote(value) : JSON.stringify(value)
    attributes += `${attributes === '' ? '' : ','}"${name}":${text}`
  }
  return `{"attributes":{${attributes}},"index":${record.index},"log":${quote(record.log)},"session":"${record.session}","span":"${record.span}","time":"${record.time}","trace":"${record.trace}","type":"${record.type}","v":1}`
}

/** Attribute names in canonical order. */
export function sortNames(record: SampleRecord): string[] {
  return Object.keys(record.attributes).sort()
}
