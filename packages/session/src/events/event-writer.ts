import { UNIX_NANOS } from '../bounds.ts'
import type { Clock } from '../clock.ts'
import type { RequestFacts } from '../facts.ts'
import type { RecordDraft } from '../record.ts'
import type { LogMemory } from '../recorder/log-memory.ts'
import { isSpanId, isTraceId } from '../request/trace-context.ts'
import type { RecordSink } from '../sink.ts'
import type { AttributeBag } from '../token/token-attributes.ts'
import { type RequestNaming, setRequest } from './event-attributes.ts'
import type { EventFacts } from './event-facts.ts'
import type { EventSubject } from './event-token.ts'

/** Appends one record of an event. Never changes what it is given. */
export interface WriteEvent {
  (type: string, facts: EventFacts, subject: EventSubject, session?: string): void
}

/** What {@link createEventWriter} works with. */
export interface EventWriterOptions extends RequestNaming {
  readonly sink: RecordSink
  readonly memory: LogMemory
  readonly clock: Clock
}

/** Creates the writer: it adds time, trace and the request to what is said of the subject. */
export function createEventWriter(options: EventWriterOptions): WriteEvent {
  const { clock, memory, sink } = options
  return (type, facts, { bag, identities }, session) => {
    const { request, time } = facts
    const used = [...identities]
    const attributes: AttributeBag = { ...bag }
    setRequest(attributes, request, used, options)
    memory.enter(sink.origin)
    const draft: RecordDraft = {
      type,
      time: time !== undefined && UNIX_NANOS.test(time) ? time : String(clock.unixNanos()),
      attributes,
      ...(session === undefined ? {} : { session }),
      ...traceOf(request),
    }
    sink.append(draft, memory.meetIdentities(used))
  }
}

function traceOf(request: RequestFacts | undefined): Pick<RecordDraft, 'trace' | 'span'> {
  const { span, trace } = request ?? {}
  return {
    ...(trace !== undefined && isTraceId(trace) ? { trace } : {}),
    ...(span !== undefined && isSpanId(span) ? { span } : {}),
  }
}
