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
  const route = findRoute(request, findSpanRoute())
  const path = route === undefined ? findPath(request) : undefined
  const clientAddress = findClientAddress(decision, trustedHops)
  const userAgent = request.headers['user-agent']
  const interactionId = request.headers['x-fapi-interaction-id']
  const spanContext = findSpanContext(decision)
  const statusCode = decision.response.headersSent ? decision.response.statusCode : undefined
  return {
    time: response.time,
    method: request.method ?? 'GET',
    complete: response.complete,
    ...(route === undefined ? {} : { route }),
    ...(path === undefined ? {} : { path }),
    ...(statusCode === undefined ? {} : { statusCode }),
    ...(clientAddress === undefined ? {} : { clientAddress }),
    ...(userAgent === undefined ? {} : { userAgent }),
    ...(typeof interactionId === 'string' && UUID.test(interactionId)
      ? { fapiInteractionId: interactionId }
      : {}),
    ...(spanContext === undefined ? {} : { trace: spanContext.traceId, span: spanContext.spanId }),
    ...(presented === undefined ? {} : { token: presented.token, scheme: presented.scheme }),
    ...(verified === undefined ? {} : { verified }),
    ...(rejection === undefined ? {} : { rejection }),
    ...(response.challenges.length === 0 ? {} : { challenges: response.challenges }),
  }
}

function findClientAddress(decision: Decision, trustedHops: number): string | undefined {
  const { request } = decision
  const forwarded = trustedHops === 0 ? undefined : request.headers['x-forwarded-for']
  return resolveClientAddress(
    request.socket.remoteAddress,
    Array.isArray(forwarded) ? forwarded.join(',') : forwarded,
    trustedHops,
  )
}
