import type { IncomingMessage } from 'node:http'
import type { Challenge, RequestFacts } from '@tokentrail/session'
import type { Decision } from '../decision.ts'
import { findSpanContext, findSpanRoute } from '../request-span.ts'
import { resolveClientAddress } from './client-address.ts'
import { findPath, findRoute } from './route.ts'

/** RFC 9562 §4; anything else in `x-fapi-interaction-id` could forge a log line. */
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** What the response adds to the decision. */
export interface ResponseFacts {
  /** Nanoseconds since 1970 UTC, decimal. */
  readonly time: string
  readonly complete: boolean
  readonly challenges: readonly Challenge[]
}

/** Builds the facts of a request whose response is about to end, by allow-list. */
export function buildRequestFacts(
  decision: Decision,
  response: ResponseFacts,
  trustedHops: number,
): RequestFacts {
  const { request, presented, verified, rejection } = decision
  const { challenges, complete, time } = response
  const facts: Writable<RequestFacts> = { time, method: request.method ?? 'GET', complete }
  addTarget(facts, request)
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
  }
  if (verified !== undefined) facts.verified = verified
  if (rejection !== undefined) facts.rejection = rejection
  if (challenges.length > 0) facts.challenges = challenges
  return facts
}

type Writable<Type> = { -readonly [Name in keyof Type]: Type[Name] }

function addTarget(facts: Writable<RequestFacts>, request: IncomingMessage): void {
  const route = findRoute(request, findSpanRoute())
  if (route !== undefined) {
    facts.route = route
    return
  }
  const path = findPath(request)
  if (path !== undefined) facts.path = path
}

function addClient(
  facts: Writable<RequestFacts>,
  { headers, socket }: IncomingMessage,
  trustedHops: number,
): void {
  const forwarded = trustedHops === 0 ? undefined : headers['x-forwarded-for']
  const forwardedFor = Array.isArray(forwarded) ? forwarded.join(',') : forwarded
  const address = resolveClientAddress(socket.remoteAddress, forwardedFor, trustedHops)
  if (address !== undefined) facts.clientAddress = address
  const userAgent = headers['user-agent']
  if (userAgent !== undefined) facts.userAgent = userAgent
  const interactionId = headers['x-fapi-interaction-id']
  if (typeof interactionId === 'string' && UUID.test(interactionId)) {
    facts.fapiInteractionId = interactionId
  }
}
