import { describe, expect, it } from 'vitest'
import { ModelError, type ModelErrorCode } from '../scripts/model-error.ts'
import { readModel } from '../scripts/read-model.ts'

const MANIFEST =
  'schema_url: https://registry.example/schemas/test-dev/0.1.0-dev\nstability: development\n'

const ATTRIBUTE = `
  - key: oauth.issuer
    type: string
    stability: development
    brief: Issuer.
    examples: [https://as.example.com]
    annotations: { tokentrail: { class: plain } }`

const EVENT = `
  - name: oauth.request
    stability: development
    brief: Request.
    attributes:
      - { ref: oauth.issuer, requirement_level: required }
    annotations: { tokentrail: { severity: 9 } }`

function registry(attributes: string, events: string, more = ''): ReadonlyMap<string, string> {
  const text = `file_format: definition/2\nattributes:${attributes}\nevents:${events}\n${more}`
  return new Map([
    ['manifest.yaml', MANIFEST],
    ['test.yaml', text],
  ])
}

function failure(files: ReadonlyMap<string, string>): ModelError {
  try {
    readModel(files)
  } catch (error) {
    if (error instanceof ModelError) return error
    throw error
  }
  throw new Error('the registry was accepted')
}

describe('readModel', () => {
  it('reads a registry', () => {
    const model = readModel(registry(ATTRIBUTE, EVENT))
    expect(model.attributes.map(({ name }) => name)).toEqual(['oauth.issuer'])
    expect(model.events[0]?.attributes).toMatchObject([{ name: 'oauth.issuer', level: 'required' }])
  })

  it('lets a single reference refine the one of a group', () => {
    const group = `attribute_groups:
  - id: test.group
    visibility: internal
    attributes: [{ ref: oauth.issuer, requirement_level: recommended }]`
    const event = EVENT.replace('attributes:\n', 'attributes:\n      - ref_group: test.group\n')
    const model = readModel(registry(ATTRIBUTE, event, group))
    expect(model.events[0]?.attributes).toMatchObject([{ name: 'oauth.issuer', level: 'required' }])
  })

  it.each<[string, ModelErrorCode, ReadonlyMap<string, string>, RegExp]>([
    [
      'an upper-case name',
      'ERR_MODEL_NAME',
      registry(ATTRIBUTE.replace('oauth.issuer', 'oauth.Issuer'), EVENT),
      /^test\.yaml: attributes\.oauth\.Issuer: .+; rename it/,
    ],
    [
      'a name under a namespace of OpenTelemetry',
      'ERR_MODEL_NAME',
      registry(ATTRIBUTE.replace('oauth.issuer', 'user.issuer'), EVENT),
      /namespace that is not ours; begin it with/,
    ],
    [
      'an attribute that is the namespace of another',
      'ERR_MODEL_NAME',
      registry(ATTRIBUTE + ATTRIBUTE.replace('oauth.issuer', 'oauth.issuer.id'), EVENT),
      /oauth\.issuer is the namespace of oauth\.issuer\.id; rename one/,
    ],
    [
      'two names that differ by . against _ only',
      'ERR_MODEL_NAME',
      registry(
        ATTRIBUTE.replace('oauth.issuer', 'oauth.key.id') +
          ATTRIBUTE.replace('oauth.issuer', 'oauth.key_id'),
        EVENT,
      ),
      /oauth\.key_id and oauth\.key\.id are one name after \. becomes _/,
    ],
    [
      'a reference that leads nowhere',
      'ERR_MODEL_REFERENCE',
      registry(ATTRIBUTE, EVENT.replace('oauth.issuer', 'oauth.isuer')),
      /^test\.yaml: events\.oauth\.request: refers to oauth\.isuer, which is not defined; correct/,
    ],
    [
      'a group that is not there',
      'ERR_MODEL_REFERENCE',
      registry(
        ATTRIBUTE,
        EVENT.replace('{ ref: oauth.issuer, requirement_level: required }', 'ref_group: no'),
      ),
      /there is no group no; write one of/,
    ],
    [
      'one attribute twice on an event',
      'ERR_MODEL_REFERENCE',
      registry(ATTRIBUTE, EVENT.replace(/( {6}- .+\n)/, '$1$1')),
      /names oauth\.issuer for the second time/,
    ],
    [
      'an unknown class',
      'ERR_MODEL_SYNTAX',
      registry(ATTRIBUTE.replace('class: plain', 'class: secret'), EVENT),
      /attributes\.oauth\.issuer\.annotations\.tokentrail\.class: has an unknown value; write one of plain,/,
    ],
    [
      'a class that is not there',
      'ERR_MODEL_SYNTAX',
      registry(ATTRIBUTE.replace('{ class: plain }', '{}'), EVENT),
      /class: is missing; add it/,
    ],
    [
      'a misspelt member',
      'ERR_MODEL_SYNTAX',
      registry(ATTRIBUTE.replace('    brief', '    notes: x\n    brief'), EVENT),
      /attributes\.oauth\.issuer\.notes: is unknown here; remove it or write one of/,
    ],
    [
      'a text without an example',
      'ERR_MODEL_SYNTAX',
      registry(ATTRIBUTE.replace(/ {4}examples.+\n/, ''), EVENT),
      /examples: is missing; add a list/,
    ],
    [
      'an example of the wrong type',
      'ERR_MODEL_SYNTAX',
      registry(ATTRIBUTE.replace('[https://as.example.com]', '[5]'), EVENT),
      /examples: holds a value that is no string/,
    ],
    [
      'a severity that is no number',
      'ERR_MODEL_SYNTAX',
      registry(ATTRIBUTE, EVENT.replace('severity: 9', 'severity: INFO')),
      /severity: is not an integer; write one/,
    ],
    [
      'a severity exception by a value that the attribute cannot have',
      'ERR_MODEL_REFERENCE',
      registry(
        ATTRIBUTE,
        EVENT.replace(
          'severity: 9',
          'severity: 9, severity_when: [{ attribute: oauth.issuer, value: x, severity: 5 }]',
        ),
      ),
      /severity_when names oauth\.issuer = x/,
    ],
    ['what is no YAML', 'ERR_MODEL_SYNTAX', registry(ATTRIBUTE, '  [}'), /^test\.yaml: /],
    [
      'another form of registry',
      'ERR_MODEL_SYNTAX',
      new Map([
        ['manifest.yaml', MANIFEST],
        ['test.yaml', 'groups: []'],
      ]),
      /^test\.yaml: file_format: is missing/,
    ],
    [
      'a folder without a manifest',
      'ERR_MODEL_SYNTAX',
      new Map([['test.yaml', 'file_format: definition/2']]),
      /manifest\.yaml: .*the file is missing; add it/,
    ],
    [
      'a schema URL without a version',
      'ERR_MODEL_SYNTAX',
      new Map([['manifest.yaml', 'schema_url: https://registry.example']]),
      /manifest\.yaml: schema_url: is no schema URL; write/,
    ],
  ])('refuses %s and says what to do', (_, code, files, message) => {
    const error = failure(files)
    expect(error.code).toBe(code)
    expect(error.message).toMatch(message)
  })
})
