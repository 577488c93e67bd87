import type { AttributeClass, AttributeModel, EnumMember } from './model.ts'
import type { YamlNode } from './yaml-node.ts'

const TYPES = ['string', 'int', 'boolean', 'string[]', 'template[string[]]'] as const
const CLASSES = ['plain', 'pseudonym', 'identity', 'never'] as const
const STABILITIES = ['development', 'stable'] as const

/** Reads one element of `attributes`. */
export function readAttribute(node: YamlNode): AttributeModel {
  const attribute = {
    name: node.get('key').string(),
    ...readType(node.get('type')),
    stability: node.get('stability').oneOf(STABILITIES),
    brief: node.get('brief').string(),
    note: node.optionalString('note'),
    examples: node.optionalList('examples').map((example) => example.value()),
    class: readOwnClass(node.get('annotations')),
    reused: false,
  }
  node.finish()
  checkExamples(node, attribute)
  return attribute
}

/**
 * Reads one element of a group that refers to attributes of OpenTelemetry. Its annotations repeat
 * type and stability.
 */
export function readReusedAttribute(node: YamlNode): AttributeModel {
  const annotations = node.get('annotations')
  const own = annotations.get('tokentrail')
  const attribute = {
    name: node.get('ref').string(),
    type: own.get('type').oneOf(TYPES),
    members: [],
    stability: own.get('stability').oneOf(STABILITIES),
    class: own.get('class').oneOf(CLASSES),
    brief: node.get('brief').string(),
    note: node.optionalString('note'),
    examples: [],
    reused: true,
  }
  own.finish()
  annotations.finish()
  node.finish()
  return attribute
}

function readType(node: YamlNode): Pick<AttributeModel, 'type' | 'members'> {
  if (node.isText()) return { type: node.oneOf(TYPES), members: [] }
  const members = node.get('members').list().map(readMember)
  node.finish()
  const values = new Set(members.map((member) => member.value))
  if (values.size !== members.length) node.fail('has one value twice', 'remove one of the two')
  return { type: 'enum', members }
}

function readMember(node: YamlNode): EnumMember {
  const id = node.get('id').string()
  const member = { id, value: node.get('value').string(), brief: node.get('brief').string() }
  node.get('stability').oneOf(STABILITIES)
  node.finish()
  return member
}

function readOwnClass(annotations: YamlNode): AttributeClass {
  const own = annotations.get('tokentrail')
  const value = own.get('class').oneOf(CLASSES)
  own.finish()
  annotations.finish()
  return value
}

/** Weaver asks for examples of texts and lists of texts, of the type of the attribute. */
function checkExamples(node: YamlNode, attribute: AttributeModel): void {
  const { type, examples } = attribute
  const wanted = type === 'string' || type === 'string[]'
  if (wanted && examples.length === 0) {
    node.get('examples').fail('is missing', `add a list with one example of type ${type}`)
  }
  for (const example of examples) {
    if (!isOfType(example, type)) {
      node.get('examples').fail(`holds a value that is no ${type}`, 'correct or quote it')
    }
  }
}

function isOfType(value: unknown, type: string): boolean {
  if (type === 'int') return Number.isSafeInteger(value)
  if (type === 'string[]')
    return Array.isArray(value) && value.every((item) => isOfType(item, 'string'))
  return typeof value === type
}
