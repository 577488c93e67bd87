/** How the severity of an event follows from its text, as the registry of events has it. */
export interface SeverityRule {
  /** SeverityNumber of the OpenTelemetry log data model: DEBUG 5, INFO 9, WARN 13, ERROR 17. */
  readonly severityNumber: number
  /** The first whose attribute has this value replaces it. */
  readonly exceptions?: readonly {
    readonly attribute: string
    readonly value: string
    readonly severityNumber: number
  }[]
  /** Attribute that says the severity itself, where a detection rule decides. */
  readonly attribute?: string
}
