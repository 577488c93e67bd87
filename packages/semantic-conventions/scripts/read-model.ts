import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { checkModel } from './check-model.ts'
import { ModelError } from './model-error.ts'
import type { AttributeModel, Model } from './model.ts'
import { readAttribute, readReusedAttribute } from './read-attributes.ts'
import { readEvent, readReferences, type Groups } from './read-events.ts'
import { YamlNode } from './yaml-node.ts'

const SECTIONS = ['attributes', 'attribute_groups', 'events'] as const
type Section = (typeof SECTIONS)[number]

/** Groups whose references bring attributes of OpenTelemetry into this registry. */
const IMPORTING_GROUPS: readonly string[] = ['tokentrail.reused', 'tokentrail.never']

/** The texts of a registry by file name, `manifest.yaml` among them. */
export type ModelFiles = ReadonlyMap<string, string>

/** Reads the files of a registry's folder. */
export function readModelFiles(folder: string): ModelFiles {
  const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'))
  return new Map(names.sort().map((name) => [name, readFileSync(join(folder, name), 'utf8')]))
}

/**
 * Reads and checks a registry.
 *
 * @throws {@link ModelError} Naming file, key and remedy.
 */
export function readModel(files: ModelFiles): Model {
  const sections = readSections(files)
  const groupNodes = sections.attribute_groups
  const own = sections.attributes.map((node) => ({ attribute: readAttribute(node), node }))
  const reused = groupNodes.filter(isImporting).flatMap(readImportingGroup)
  const groups = readGroups(groupNodes.filter((node) => !isImporting(node)))
  const events = sections.events.map((node) => ({ event: readEvent(node, groups), node }))
  checkModel({ attributes: [...own, ...reused], events })
  return {
    schemaUrl: readSchemaUrl(files),
    attributes: [...own, ...reused].map(({ attribute }) => attribute).sort(byName),
    events: events.map(({ event }) => event),
  }
}

function byName(a: AttributeModel, b: AttributeModel): number {
  return a.name < b.name ? -1 : 1
}

function isImporting(group: YamlNode): boolean {
  return IMPORTING_GROUPS.includes(group.get('id').string())
}

function readImportingGroup(group: YamlNode): { attribute: AttributeModel; node: YamlNode }[] {
  group.get('id').string()
  group.get('visibility').oneOf(['internal'])
  const nodes = group.get('attributes').list()
  group.finish()
  return nodes.map((node) => {
    const named = node.labelled(node.get('ref').string())
    return { attribute: readReusedAttribute(named), node: named }
  })
}

function readSections(files: ModelFiles): Record<Section, YamlNode[]> {
  const sections: Record<Section, YamlNode[]> = { attributes: [], attribute_groups: [], events: [] }
  for (const file of files.keys()) {
    if (file === 'manifest.yaml') continue
    const root = parseFile(files, file)
    root.get('file_format').oneOf(['definition/2'])
    for (const section of SECTIONS) {
      for (const node of root.optionalList(section)) {
        const name = node.get(nameMember(section)).string()
        sections[section].push(node.labelled(name))
      }
    }
    root.finish()
  }
  return sections
}

function nameMember(section: Section): string {
  return section === 'attributes' ? 'key' : section === 'events' ? 'name' : 'id'
}

function readGroups(nodes: readonly YamlNode[]): Groups {
  return new Map(
    nodes.map((node) => {
      const id = node.get('id').string()
      node.get('visibility').oneOf(['internal'])
      const references = readReferences(node.get('attributes').list())
      node.finish()
      return [id, references]
    }),
  )
}

function readSchemaUrl(files: ModelFiles): string {
  const manifest = parseFile(files, 'manifest.yaml')
  const node = manifest.get('schema_url')
  const url = node.string()
  if (!/^https?:\/\/[^/\s]+\/\S+\/[^/\s]+$/.test(url)) {
    node.fail('is no schema URL', 'write https://host/path/version')
  }
  return url
}

function parseFile(files: ModelFiles, file: string): YamlNode {
  const text = files.get(file)
  const place = { file, key: '' }
  if (text === undefined) {
    throw new ModelError('ERR_MODEL_SYNTAX', place, 'the file is missing', 'add it to model/')
  }
  try {
    return new YamlNode(parse(text), place)
  } catch (error) {
    const problem = error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'is no YAML'
    throw new ModelError('ERR_MODEL_SYNTAX', place, problem, 'correct the YAML there')
  }
}
