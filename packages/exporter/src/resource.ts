/** Resource attributes as strings, under their OpenTelemetry names. */
export type ResourceAttributes = Readonly<Record<string, string>>

/**
 * Parses `key1=value1,key2=value2` with percent-encoded keys and values: the form of
 * `OTEL_RESOURCE_ATTRIBUTES` and `OTEL_EXPORTER_OTLP_HEADERS` (W3C Baggage without properties).
 *
 * @param name - The variable, for the error. The text itself is never quoted: it may hold secrets.
 * @throws {TypeError} When a pair has no `=`, no key, or a broken percent escape.
 */
export function parsePairs(text: string, name: string): Readonly<Record<string, string>> {
  const entries = text
    .split(',')
    .filter((pair) => pair.trim() !== '')
    .map((pair) => parsePair(pair, name))
  return Object.fromEntries(entries)
}

function parsePair(pair: string, name: string): [string, string] {
  const at = pair.indexOf('=')
  const key = pair.slice(0, at).trim()
  if (at <= 0 || key === '') throw malformed(name)
  try {
    return [decodeURIComponent(key), decodeURIComponent(pair.slice(at + 1).trim())]
  } catch {
    throw malformed(name)
  }
}

function malformed(name: string): TypeError {
  return new TypeError(
    `"${name}" must be a comma-separated list of key=value with percent-encoded values`,
  )
}
