/** Where a value may stand: as it is, as a keyed hash, in identity records only, or nowhere. */
export type AttributeClass = 'plain' | 'pseudonym' | 'identity' | 'never'

export interface EnumMember {
  readonly id: string
  readonly value: string
  readonly brief: string
}

export interface AttributeModel {
  readonly name: string
  /** `string`, `int`, `boolean`, `string[]`, `template[string[]]`, or `enum` with members. */
  readonly type: string
  readonly members: readonly EnumMember[]
  readonly class: AttributeClass
  readonly stability: string
  readonly brief: string
  readonly note: string | undefined
  readonly examples: readonly unknown[]
  /** Whether OpenTelemetry defines it and the registry only refers to it. */
  readonly reused: boolean
}

export type RequirementLevel = 'required' | 'conditionally_required' | 'recommended' | 'opt_in'

export interface AttributeReference {
  readonly name: string
  readonly level: RequirementLevel
  /** When a conditionally required attribute is required. */
  readonly condition: string | undefined
  readonly note: string | undefined
}

export interface EventMember {
  readonly name: string
  readonly required: boolean
  readonly brief: string
}

export interface SeverityException {
  readonly attribute: string
  readonly value: string
  readonly severityNumber: number
}

export interface EventModel {
  readonly name: string
  readonly brief: string
  readonly note: string | undefined
  readonly severityNumber: number
  readonly severityExceptions: readonly SeverityException[]
  readonly severityAttribute: string | undefined
  readonly attributes: readonly AttributeReference[]
  readonly members: readonly EventMember[]
}

/** The registry, read and checked: every reference resolved, every group taken apart. */
export interface Model {
  readonly schemaUrl: string
  readonly attributes: readonly AttributeModel[]
  readonly events: readonly EventModel[]
}
