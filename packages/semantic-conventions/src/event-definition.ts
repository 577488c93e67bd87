/** An exception to the severity of an event: the attribute has this value. */
export interface SeverityException {
  readonly attribute: string
  readonly value: string
  readonly severityNumber: number
}

/** What the registry says about one event. */
export interface EventDefinition {
  readonly name: string
  /** SeverityNumber of the OpenTelemetry log data model: DEBUG 5, INFO 9, WARN 13, ERROR 17. */
  readonly severityNumber: number
  /** The first that applies replaces {@link severityNumber}. */
  readonly severityExceptions: readonly SeverityException[]
  /** Attribute that holds the SeverityNumber, where a detection rule decides. */
  readonly severityAttribute?: string
  readonly requiredAttributes: readonly string[]
  /** Attributes that the event may carry beside the required ones; all others it may not. */
  readonly optionalAttributes: readonly string[]
  /** Members of the record's text beside `attributes`; they become no OTLP attributes. */
  readonly requiredMembers: readonly string[]
  readonly optionalMembers: readonly string[]
}
