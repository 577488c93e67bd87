/**
 * Reads one header out of the arguments of `writeHead`: an object, a flat list of names and values,
 * or a list of pairs. Node keeps headers given this way only in the text that it sends, so
 * `getHeader` does not know them unless others were set before.
 *
 * @param name - Lower case.
 */
export function findWrittenHeader(headers: unknown, name: string): unknown {
  if (Array.isArray(headers)) return findInList(headers, name)
  if (typeof headers !== 'object' || headers === null) return undefined
  for (const key of Object.keys(headers)) {
    if (key.toLowerCase() === name) return (headers as Record<string, unknown>)[key]
  }
  return undefined
}

function findInList(list: readonly unknown[], name: string): unknown {
  const found: unknown[] = []
  const pairs = Array.isArray(list[0])
  for (let index = 0; index < list.length; index += pairs ? 1 : 2) {
    const entry = pairs ? (list[index] as readonly unknown[]) : [list[index], list[index + 1]]
    if (typeof entry[0] !== 'string' || entry[0].toLowerCase() !== name) continue
    const values: readonly unknown[] = Array.isArray(entry[1]) ? entry[1] : [entry[1]]
    found.push(...values)
  }
  return found.length > 1 ? found : found[0]
}

/** Length that `Content-Length` announces; undefined when there is none or it is no length. */
export function toContentLength(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : undefined
}

/** Whether a response to this method with this status has no body (RFC 9110 §6.4.1). */
export function isBodiless(method: string | undefined, statusCode: number): boolean {
  return method === 'HEAD' || statusCode === 204 || statusCode === 304
}

/**
 * Whether a `Content-Type` is that of server-sent events, whose parts each have a meaning of their
 * own and whose end nobody waits for.
 */
export function isEventStream(contentType: unknown): boolean {
  return typeof contentType === 'string' && /^text\/event-stream\b/i.test(contentType)
}
