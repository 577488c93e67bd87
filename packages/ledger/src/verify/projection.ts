import type { ExportedRecord } from './exported-record.ts'
import type { RecordHead } from './record-text.ts'
import { isSameSeverity, isSameSeverityText } from './severity-projection.ts'

/** Beginnings of attribute names that only a record's text may fill. */
const OWN_NAMESPACES = [
  'oauth.',
  'compliance.',
  'tokentrail.',
  'user.',
  'user_agent.',
  'client.',
  'http.',
  'url.',
  'error.',
  'security_rule.',
  'geo.',
  'log.record.',
]

/** Deepest nesting of an attribute in which names of ours are looked for. */
const MAX_DEPTH = 32

/**
 * Names the attributes and fields of an exported record that differ from its text. One that is
 * absent is no difference, and neither is a number or boolean that a backend turned into a string;
 * an attribute of our own namespaces that the text lacks is one.
 *
 * @param parsed - The members of the text, if they are at hand.
 */
export function compareProjection(
  exported: ExportedRecord,
  record: RecordHead,
  parsed?: { readonly [name: string]: unknown },
): string[] {
  const names: string[] = []
  if (exported.eventName && exported.eventName !== record.type) names.push('eventName')
  if (!isSameTime(exported.timeUnixNano, record.time)) names.push('timeUnixNano')
  if (!isSameSeverity(exported, record.type)) names.push('severityNumber')
  if (!isSameSeverityText(exported, record.type)) names.push('severityText')
  if (!isSameId(exported.traceId, record.trace)) names.push('traceId')
  if (!isSameId(exported.spanId, record.span)) names.push('spanId')
  if (!isSameService(exported.serviceName, record.log)) names.push('service.name')
  const { attributes, body } = exported
  if (attributes !== undefined && !isInStep(attributes, body, record)) {
    const members = parsed ?? (JSON.parse(body) as { readonly attributes?: unknown })
    const own = isObject(members['attributes']) ? members['attributes'] : {}
    for (const name of Object.keys(attributes)) {
      if (!isSameAttribute(name, attributes[name], own, record)) names.push(name)
    }
  }
  return names
}

function isSameAttribute(
  name: string,
  value: unknown,
  own: { readonly [name: string]: unknown },
  record: RecordHead,
  depth = 0,
): boolean {
  if (value === undefined) return true
  if (Object.hasOwn(own, name)) return isSameValue(value, own[name])
  const isSame = isDerived(name, value, record)
  if (isSame !== undefined) return isSame
  const isOwn = (candidate: string): boolean =>
    OWN_NAMESPACES.some((namespace) => candidate.startsWith(namespace))
  const parts = listParts(value)
  // Backends make `user.hash` of a member `hash` of `user`, and of one of each object in a list.
  if (parts.length > 0 && depth < MAX_DEPTH && (isOwn(name) || isOwn(`${name}.`))) {
    return parts.every(([part, inner]) =>
      isSameAttribute(`${name}.${part}`, inner, own, record, depth + 1),
    )
  }
  return !isOwn(name)
}

function listParts(value: unknown): (readonly [name: string, value: unknown])[] {
  const objects: readonly unknown[] = Array.isArray(value) ? value.flat(MAX_DEPTH) : [value]
  return objects.flatMap((object) => (isObject(object) ? Object.entries(object) : []))
}

/** Compares an attribute that stands for a member outside `attributes`; `undefined` for others. */
function isDerived(name: string, value: unknown, record: RecordHead): boolean | undefined {
  if (name === 'oauth.session.id') return isSameValue(value, record.session)
  if (name === 'log.record.uid') return isSameValue(value, `${record.log}.${record.index}`)
  return undefined
}

/**
 * The quick way for what has passed through unchanged: attributes in the order of the text are
 * compared with it in place, which saves parsing it. It says yes only when all are the same.
 */
function isInStep(
  attributes: { readonly [name: string]: unknown },
  text: string,
  record: RecordHead,
): boolean {
  let at = record.attributesAt
  if (at === 0) return false
  for (const name in attributes) {
    const value = attributes[name]
    const start = at + name.length + 3
    const isNext =
      text[at] === '"' && text.startsWith(name, at + 1) && text.startsWith('":', start - 2)
    if (!isNext || name.includes('"')) {
      if (isDerived(name, value, record) !== true) return false
      continue
    }
    const written = typeof value === 'string' ? value : writeValue(value)
    const end = start + written.length
    if (typeof value !== 'string') {
      if (!text.startsWith(written, start)) return false
      at = end + 1
    } else {
      if (value.includes('"') || !text.startsWith(value, start + 1)) return false
      if (text[start] !== '"' || text[end + 1] !== '"') return false
      at = end + 3
    }
    if (text[at - 1] !== ',' && text[at - 1] !== '}') return false
  }
  return true
}

function writeValue(value: unknown): string {
  if (isScalar(value)) return String(value)
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    // Nested so deeply that it cannot be written, as no record's own is: no text has a line feed.
    return '\n'
  }
}

function isSameValue(exported: unknown, own: unknown): boolean {
  if (exported === own) return true
  if (Array.isArray(own)) {
    if (!Array.isArray(exported)) {
      return exported === JSON.stringify(own) || (own.length === 1 && isSameValue(exported, own[0]))
    }
    return exported.length === own.length && own.every((item, i) => isSameValue(exported[i], item))
  }
  if (Array.isArray(exported)) return exported.length === 1 && isSameValue(exported[0], own)
  if (!isScalar(exported) || !isScalar(own)) return false
  return String(exported) === String(own) || isSameMoment(exported, own)
}

const MOMENT = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d*?)0*)?Z$/

/** Elasticsearch and OpenSearch take a text for a date, and give it back with milliseconds. */
function isSameMoment(exported: unknown, own: unknown): boolean {
  if (typeof exported !== 'string' || typeof own !== 'string') return false
  const [one, other] = [MOMENT.exec(exported), MOMENT.exec(own)]
  if (one === null || other === null) return false
  return one[1] === other[1] && (one[2] ?? '') === (other[2] ?? '')
}

/** Backends that keep milliseconds or microseconds cut a time; they do not change it otherwise. */
function isSameTime(exported: string | undefined, time: string): boolean {
  if (!exported || exported === '0' || exported === time) return true
  const zeros = /0*$/.exec(exported)![0].length
  const cut = [6, 3].find((digits) => zeros >= digits) ?? 0
  const isCut = cut > 0 && exported.slice(0, -cut) === time.slice(0, -cut)
  return isCut || exported === passThroughSeconds(time)
}

/**
 * What nanoseconds become that have been seconds in a double: the form of Splunk's HTTP Event
 * Collector, which the OpenTelemetry collector's receiver turns back.
 */
function passThroughSeconds(time: string): string {
  return BigInt(Math.trunc((Number(time) / 1e9) * 1e9)).toString()
}

function isSameId(exported: string | undefined, own: unknown): boolean {
  if (!exported || exported === own || /^0+$/.test(exported)) return true
  return exported.toLowerCase() === own
}

/** The first part of a log's origin is the service that it is of, encoded for a URL. */
export function isSameService(exported: string | undefined, log: string): boolean {
  if (!exported || (log.startsWith(exported) && log[exported.length] === '/')) return true
  return encodeURIComponent(exported.toWellFormed()) === log.split('/', 1)[0]
}

function isScalar(value: unknown): value is string | number | bigint | boolean {
  return (
    typeof value === 'string' ||
    typeof value === 'number' ||
    typeof value === 'bigint' ||
    typeof value === 'boolean'
  )
}

function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
