/** Time as a parameter, so that tests decide what time it is. */
export interface Clock {
  /** Nanoseconds since 1970-01-01 UTC. */
  unixNanos(): bigint
}
