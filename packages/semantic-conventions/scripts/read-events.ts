import { ModelError } from './model-error.ts'
import type {
  AttributeReference,
  EventMember,
  EventModel,
  RequirementLevel,
  SeverityException,
} from './model.ts'
import type { YamlNode } from './yaml-node.ts'

const LEVELS = ['required', 'recommended', 'opt_in'] as const
const MEMBER_LEVELS = ['required', 'recommended'] as const
const STABILITIES = ['development', 'stable'] as const

/** Attribute groups by id. */
export type Groups = ReadonlyMap<string, readonly AttributeReference[]>

/** Reads the references of an attribute group, or those of an event that no group is part of. */
export function readReferences(nodes: readonly YamlNode[]): AttributeReference[] {
  return nodes.map(readReference)
}

/** Reads one element of `events` and takes its groups apart. */
export function readEvent(node: YamlNode, groups: Groups): EventModel {
  const name = node.get('name').string()
  node.get('stability').oneOf(STABILITIES)
  const annotations = node.get('annotations')
  const own = annotations.get('tokentrail')
  const event = {
    name,
    brief: node.get('brief').string(),
    note: node.optionalString('note'),
    attributes: resolveReferences(node.get('attributes').list(), groups),
    severityNumber: own.get('severity').integer(),
    severityExceptions: own.optionalList('severity_when').map(readException),
    severityAttribute: own.optionalString('severity_attribute'),
    members: own.optionalList('members').map(readEventMember),
  }
  own.finish()
  annotations.finish()
  node.finish()
  return event
}

/** A single reference refines the one of a group; two groups may not name the same attribute. */
function resolveReferences(nodes: readonly YamlNode[], groups: Groups): AttributeReference[] {
  const resolved = new Map<string, AttributeReference>()
  for (const node of nodes.filter((candidate) => candidate.has('ref_group'))) {
    for (const reference of readGroup(node, groups)) {
      if (resolved.has(reference.name)) {
        const problem = `brings ${reference.name} for the second time`
        throw new ModelError('ERR_MODEL_REFERENCE', node.place, problem, 'drop one of the groups')
      }
      resolved.set(reference.name, reference)
    }
  }
  const single = new Set<string>()
  for (const node of nodes.filter((candidate) => !candidate.has('ref_group'))) {
    const reference = readReference(node)
    if (single.has(reference.name)) {
      const problem = `names ${reference.name} for the second time`
      throw new ModelError('ERR_MODEL_REFERENCE', node.place, problem, 'drop one of the two')
    }
    single.add(reference.name)
    resolved.set(reference.name, reference)
  }
  return [...resolved.values()]
}

function readGroup(node: YamlNode, groups: Groups): readonly AttributeReference[] {
  const id = node.get('ref_group').string()
  node.finish()
  const group = groups.get(id)
  if (group !== undefined) return group
  const remedy = `write one of ${[...groups.keys()].join(', ')}`
  throw new ModelError('ERR_MODEL_REFERENCE', node.place, `there is no group ${id}`, remedy)
}

function readReference(node: YamlNode): AttributeReference {
  const reference = {
    name: node.get('ref').string(),
    ...readLevel(node.get('requirement_level')),
    note: node.optionalString('note'),
  }
  node.finish()
  return reference
}

function readLevel(node: YamlNode): { level: RequirementLevel; condition: string | undefined } {
  if (node.isText()) return { level: node.oneOf(LEVELS), condition: undefined }
  const condition = node.get('conditionally_required').string()
  node.finish()
  return { level: 'conditionally_required', condition }
}

function readException(node: YamlNode): SeverityException {
  const exception = {
    attribute: node.get('attribute').string(),
    value: node.get('value').string(),
    severityNumber: node.get('severity').integer(),
  }
  node.finish()
  return exception
}

function readEventMember(node: YamlNode): EventMember {
  const member = {
    name: node.get('name').string(),
    required: node.get('requirement_level').oneOf(MEMBER_LEVELS) === 'required',
    brief: node.get('brief').string(),
  }
  node.finish()
  return member
}
