/**
 * Where the value of an attribute may stand.
 *
 * - `plain`: as it is
 * - `pseudonym`: as a keyed hash; unless a setting makes it plain
 * - `identity`: in identity records only (`tokentrail.identity`)
 * - `never`: nowhere, because credentials travel in it
 */
export type AttributeClass = 'plain' | 'pseudonym' | 'identity' | 'never'

/** Type of an attribute; an `enum` is a text out of a closed list. */
export type AttributeType = 'string' | 'int' | 'boolean' | 'string[]' | 'enum'

/** What the registry says about one attribute. */
export interface AttributeDefinition {
  readonly name: string
  readonly type: AttributeType
  readonly class: AttributeClass
  /** The closed list of an enum, else absent. */
  readonly values?: readonly string[]
}
