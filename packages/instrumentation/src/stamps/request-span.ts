import {
  context,
  createContextKey,
  isSpanContextValid,
  ROOT_CONTEXT,
  trace,
} from '@opentelemetry/api'
import type { Span, SpanContext } from '@opentelemetry/api'
import type { Decision } from '../decision.ts'

/**
 * Where HTTP and framework instrumentations keep the server span and the route. The key is the one
 * of `@opentelemetry/core` (`rpc-metadata.ts`): keys with equal descriptions are equal.
 */
const RPC_METADATA = createContextKey('OpenTelemetry SDK Context Key RPC_METADATA')

interface RpcMetadata {
  readonly span?: Span
  readonly route?: unknown
}

function activeMetadata(): RpcMetadata | undefined {
  const metadata = context.active().getValue(RPC_METADATA)
  return typeof metadata === 'object' && metadata !== null ? metadata : undefined
}

/** Whether the request has a span: without an SDK it has none. */
export function mayHaveSpan(decision: Decision): boolean {
  return decision.serverSpan !== undefined || context.active() !== ROOT_CONTEXT
}

/** Finds the request's server span and keeps it in the decision. */
export function findServerSpan(decision: Decision): Span | undefined {
  decision.serverSpan ??= activeMetadata()?.span
  return decision.serverSpan
}

/** Span context that the record names: the server span's, else that of the active span. */
export function findSpanContext(decision: Decision): SpanContext | undefined {
  if (!mayHaveSpan(decision)) return undefined
  const span = findServerSpan(decision) ?? trace.getActiveSpan()
  const spanContext = span?.spanContext()
  return spanContext !== undefined && isSpanContextValid(spanContext) ? spanContext : undefined
}

/** Route template that a framework instrumentation found. */
export function findSpanRoute(): string | undefined {
  const route = activeMetadata()?.route
  return typeof route === 'string' ? route : undefined
}
