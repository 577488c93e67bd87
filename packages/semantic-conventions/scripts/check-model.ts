import { ModelError, type Place } from './model-error.ts'
import type { AttributeModel, EventModel } from './model.ts'
import type { YamlNode } from './yaml-node.ts'

const NAME = /^[a-z][a-z0-9]*([._][a-z0-9]+)*$/
const OWN_ATTRIBUTES = /^(oauth|compliance|tokentrail)\./
const OWN_EVENTS = /^(oauth|tokentrail)\./

/** What was read, with the place where it stands. */
export interface ReadModel {
  readonly attributes: readonly { readonly attribute: AttributeModel; readonly node: YamlNode }[]
  readonly events: readonly { readonly event: EventModel; readonly node: YamlNode }[]
}

/**
 * Checks what no single element can tell: naming rules of OpenTelemetry (semantic-conventions,
 * docs/general/naming.md) and references.
 */
export function checkModel({ attributes, events }: ReadModel): void {
  for (const { attribute, node } of attributes) {
    if (!attribute.reused) checkName(attribute.name, OWN_ATTRIBUTES, node.place)
  }
  checkDistinct(attributes.map(({ attribute, node }) => ({ name: attribute.name, node })))
  checkNamespaces(attributes.map(({ attribute, node }) => ({ name: attribute.name, node })))
  for (const { event, node } of events) checkName(event.name, OWN_EVENTS, node.place)
  checkDistinct(events.map(({ event, node }) => ({ name: event.name, node })))
  const byName = new Map(attributes.map(({ attribute }) => [attribute.name, attribute]))
  for (const { event, node } of events) checkReferences(event, byName, node.place)
}

type Named = { readonly name: string; readonly node: YamlNode }

function checkName(name: string, own: RegExp, place: Place): void {
  if (!NAME.test(name)) {
    const problem = `${name} is not lower case with dots and single underscores`
    throw new ModelError('ERR_MODEL_NAME', place, problem, 'rename it, e.g. oauth.token.key.id')
  }
  if (!own.test(name)) {
    const problem = `${name} stands under a namespace that is not ours`
    throw new ModelError('ERR_MODEL_NAME', place, problem, `begin it with ${own.source}`)
  }
}

/** Names that differ only by `.` against `_` become one constant, and one field in many stores. */
function checkDistinct(names: readonly Named[]): void {
  const seen = new Map<string, string>()
  for (const { name, node } of names) {
    const flat = name.replaceAll('.', '_')
    const other = seen.get(flat)
    if (other !== undefined) {
      const problem = `${name} and ${other} are one name after . becomes _`
      throw new ModelError('ERR_MODEL_NAME', node.place, problem, 'rename or remove one of the two')
    }
    seen.set(flat, name)
  }
}

/** A store that maps names to nested objects cannot hold a value and an object at one place. */
function checkNamespaces(names: readonly Named[]): void {
  for (const { name, node } of names) {
    const inner = names.find((other) => other.name.startsWith(`${name}.`))
    if (inner !== undefined) {
      const problem = `${name} is the namespace of ${inner.name}`
      throw new ModelError('ERR_MODEL_NAME', node.place, problem, 'rename one of the two')
    }
  }
}

function checkReferences(
  event: EventModel,
  attributes: ReadonlyMap<string, AttributeModel>,
  place: Place,
): void {
  for (const { name } of event.attributes) {
    const attribute = attributes.get(name)
    if (attribute === undefined || attribute.class === 'never') {
      const problem = `refers to ${name}, which is ${attribute ? 'never recorded' : 'not defined'}`
      throw new ModelError('ERR_MODEL_REFERENCE', place, problem, 'correct the ref or define it')
    }
  }
  const carried = new Set(event.attributes.map(({ name }) => name))
  for (const { attribute, value } of event.severityExceptions) {
    const known = attributes.get(attribute)?.members.some((member) => member.value === value)
    if (!known || !carried.has(attribute)) {
      const problem = `severity_when names ${attribute} = ${value}, which the event cannot have`
      throw new ModelError('ERR_MODEL_REFERENCE', place, problem, 'correct attribute or value')
    }
  }
  const by = event.severityAttribute
  if (by !== undefined && !carried.has(by)) {
    const problem = `severity_attribute names ${by}, which the event does not carry`
    throw new ModelError('ERR_MODEL_REFERENCE', place, problem, 'add it to the attributes')
  }
}
