import * as api from '@opentelemetry/api'
import type { Attributes, Span, SpanOptions, TracerProvider } from '@opentelemetry/api'
import { stampLogAttributes } from './log-record-processor.ts'
import { reportFault } from '../safe.ts'
import { stampNewSpan } from './stamp.ts'
import type { Stamping } from './stamping.ts'
import type { FaultHandler } from '../types.ts'
import { nameAfter } from '../name-after.ts'

type Method = (this: unknown, ...args: unknown[]) => unknown

/** Methods that stamp already, from this or another copy of the package. */
const STAMPS = Symbol.for('tokentrail.stamps')

/** Where `@opentelemetry/api-logs` keeps the provider, and the version of that arrangement. */
const API_LOGS = Symbol.for('io.opentelemetry.js.api.logs')
const API_LOGS_VERSION = 1

/**
 * Stamps what an application's own OpenTelemetry SDK makes while a request is served, with no
 * processor of ours in it: nothing can be added to a provider that somebody else has built, so the
 * two methods that every span and log record comes from, `Tracer.startSpan` and `Logger.emit`, are
 * wrapped in the classes of the providers that are registered. Both lines of the SDK fit.
 */
export class SdkStamps {
  readonly #stamping: Stamping
  readonly #onFault: FaultHandler
  #tracerProvider: unknown
  #loggerProvider: unknown

  constructor(stamping: Stamping, onFault: FaultHandler) {
    this.#stamping = stamping
    this.#onFault = onFault
  }

  /** Looks whether another provider has been registered. Cheap; called for each request. */
  adopt(): void {
    if (this.#stamping.spans || this.#stamping.serverSpan) this.#adoptTracers()
    if (this.#stamping.logs) this.#adoptLoggers()
  }

  #adoptTracers(): void {
    const provider = api.trace.getTracerProvider()
    const actual = isProxy(provider) ? provider.getDelegate() : provider
    if (actual === this.#tracerProvider) return
    this.#tracerProvider = actual
    const onFault = this.#onFault
    wrapMethod(
      actual.getTracer('@tokentrail/instrumentation'),
      'startSpan',
      (original) =>
        function (...args) {
          const span = Reflect.apply(original, this, args) as Span
          try {
            stampNewSpan(span, (args[1] as SpanOptions | undefined)?.kind)
          } catch (error) {
            reportFault(onFault, 'Tracer.startSpan', error)
          }
          return span
        },
    )
  }

  #adoptLoggers(): void {
    const provider = findLoggerProvider()
    if (provider === undefined || provider === this.#loggerProvider) return
    this.#loggerProvider = provider
    const onFault = this.#onFault
    wrapMethod(
      provider.getLogger('@tokentrail/instrumentation'),
      'emit',
      (original) =>
        function (record, ...rest) {
          let stamped = record
          try {
            stamped = withStamp(record)
          } catch (error) {
            reportFault(onFault, 'Logger.emit', error)
          }
          return Reflect.apply(original, this, [stamped, ...rest])
        },
    )
  }
}

/** The API hands out a proxy, whose class is another in another copy of the API. */
function isProxy(provider: TracerProvider): provider is api.ProxyTracerProvider {
  return 'getDelegate' in provider
}

interface LoggerProvider {
  getLogger(name: string): object
}

function findLoggerProvider(): LoggerProvider | undefined {
  const ofApiLogs = (globalThis as { [API_LOGS]?: (version: number) => LoggerProvider })[API_LOGS]
  if (ofApiLogs !== undefined) return ofApiLogs(API_LOGS_VERSION)
  // API 1.9 has no logs.
  const { logs } = api as { readonly logs?: { getLoggerProvider(): LoggerProvider } }
  return logs?.getLoggerProvider()
}

function withStamp(record: unknown): unknown {
  const emitted = record as { readonly attributes?: Attributes; readonly eventName?: string }
  const { attributes } = emitted
  const stamp = stampLogAttributes(emitted)
  return stamp === undefined
    ? record
    : { ...(record as object), attributes: { ...stamp, ...attributes } }
}

/** Wraps a method in the class of an object, once. */
function wrapMethod(object: object, name: string, wrap: (original: Method) => Method): void {
  const holder = Object.getPrototypeOf(object) as Record<string, unknown>
  const original = holder[name]
  if (typeof original !== 'function' || STAMPS in original) return
  const wrapper = nameAfter(wrap(original as Method), original)
  Object.defineProperty(wrapper, STAMPS, { value: true })
  holder[name] = wrapper
}
