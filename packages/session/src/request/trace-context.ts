const TRACE_ID = /^(?!0{32})[0-9a-f]{32}$/
const SPAN_ID = /^(?!0{16})[0-9a-f]{16}$/

/**
 * Says whether a text is a trace id: 32 lower-case hex digits, not all zero (W3C Trace Context
 * §3.2.2.3).
 */
export function isTraceId(text: string): boolean {
  return TRACE_ID.test(text)
}

/**
 * Says whether a text is a span id: 16 lower-case hex digits, not all zero (W3C Trace Context
 * §3.2.2.4).
 */
export function isSpanId(text: string): boolean {
  return SPAN_ID.test(text)
}
