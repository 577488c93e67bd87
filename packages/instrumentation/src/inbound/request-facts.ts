import type { Challenge, RequestFacts } from '@tokentrail/session'
import type { Decision } from '../decision.ts'
import { findSpanContext, findSpanRoute } from '../stamps/request-span.ts'
import { resolveClientAddress } from './client-address.ts'
import { addBinding } from './binding.ts'
import type { FactsInProgress } from './facts-in-progress.ts'
import type { ResponseProgress } from './response-watch.ts'
import { findPath, findRoute } from './route.ts'
import { readField, type ServedRequest } from './served.ts'

/** RFC 9562 §4; anything else in `x-fapi-interaction-id` could forge a log line. */
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** What the response adds to the decision. */
export interface ResponseFacts {
  /** Nanoseconds since 1970 UTC, decimal. */
  readonly time: string
  readonly progress: ResponseProgress
  readonly challenges: readonly Challenge[]
}

/** Builds the facts of a request whose response is about to end, by allow-list. */
export function buildRequestFacts(
  decision: Decision,
  response: ResponseFacts,
  trustedHops: number,
): RequestFacts {
  const { request, presented, verified, rejection } = decision
  const { challenges, progress, time } = response
  const complete = progress === 'complete'
  const facts: FactsInProgress = { time, method: request.method ?? 'GET', complete }
  if (progress === 'streaming') facts.streaming = true
  addTarget(facts, decision)
  addClient(facts, request, trustedHops)
  if (decision.response.headersSent) facts.statusCode = decision.response.statusCode
  const spanContext = findSpanContext(decision)
  if (spanContext !== undefined) {
    facts.trace = spanContext.traceId
    facts.span = spanContext.spanId
  }
  if (presented !== undefined) {
    facts.token = presented.token
    facts.scheme = presented.scheme
    addBinding(facts, decision)
  }
  if (verified !== undefined) facts.verified = verified
  if (rejection !== undefined) facts.rejection = rejection
  if (challenges.length > 0) facts.challenges = challenges
  return facts
}

function addTarget(facts: FactsInProgress, decision: Decision): void {
  const { request } = decision
  const route = findRoute(decision, findSpanRoute())
  if (route !== undefined) {
    facts.route = route
    return
  }
  const path = findPath(request)
  if (path !== undefined) facts.path = path
}

function addClient(facts: FactsInProgress, request: ServedRequest, trustedHops: number): void {
  const forwarded = trustedHops === 0 ? undefined : request.headers['x-forwarded-for']
  const forwardedFor = typeof forwarded === 'object' ? forwarded.join(',') : forwarded
  const address = resolveClientAddress(request.socket?.remoteAddress, forwardedFor, trustedHops)
  if (address !== undefined) facts.clientAddress = address
  const userAgent = readField(request, 'user-agent')
  if (userAgent !== undefined) facts.userAgent = userAgent
  const interactionId = readField(request, 'x-fapi-interaction-id')
  if (interactionId !== undefined && UUID.test(interactionId)) {
    facts.fapiInteractionId = interactionId
  }
}
