import type { ExportedRecord } from './exported-record.ts'
import type { RecordMembers } from './record-text.ts'

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

/**
 * Names the attributes and fields of an exported record that differ from its text. One that is
 * absent is no difference, and neither is a number or boolean that a backend turned into a string;
 * an attribute of our own namespaces that the text lacks is one.
 */
export function compareProjection(exported: ExportedRecord, record: RecordMembers): string[] {
  const names: string[] = []
  if (exported.eventName && exported.eventName !== record.type) names.push('eventName')
  if (!isSameTime(exported.timeUnixNano, record.time)) names.push('timeUnixNano')
  if (!isSameId(exported.traceId, record['trace'])) names.push('traceId')
  if (!isSameId(exported.spanId, record['span'])) names.push('spanId')
  if (exported.attributes !== undefined) {
    const attributes = isObject(record['attributes']) ? record['attributes'] : {}
    for (const name in exported.attributes) {
      const value = exported.attributes[name]
      if (value !== undefined && !isSameAttribute(name, value, attributes, record)) names.push(name)
    }
  }
  return names
}

function isSameAttribute(
  name: string,
  value: unknown,
  attributes: { readonly [name: string]: unknown },
  record: RecordMembers,
): boolean {
  if (Object.hasOwn(attributes, name)) return isSameValue(value, attributes[name])
  if (name === 'oauth.session.id') return value === record['session']
  if (name === 'log.record.uid') return value === `${record.log}.${record.index}`
  return !OWN_NAMESPACES.some((namespace) => name.startsWith(namespace))
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
  return isScalar(exported) && isScalar(own) && String(exported) === String(own)
}

/** Backends that keep milliseconds or microseconds cut a time; they do not change it. */
function isSameTime(exported: string | undefined, time: string): boolean {
  if (!exported || exported === '0' || exported === time) return true
  const zeros = /0*$/.exec(exported)![0].length
  const cut = [6, 3].find((digits) => zeros >= digits) ?? 0
  return cut > 0 && exported.slice(0, -cut) === time.slice(0, -cut)
}

function isSameId(exported: string | undefined, own: unknown): boolean {
  if (!exported || /^0+$/.test(exported)) return true
  return exported.toLowerCase() === own
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
