import { AsyncLocalStorage } from 'node:async_hooks'
import type { RequestListener } from 'node:http'
import { context, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api'
import type { Context, ContextManager } from '@opentelemetry/api'
import { RPCType, setRPCMetadata } from '@opentelemetry/core'
import {
  InMemoryLogRecordExporter,
  LoggerProvider,
  SimpleLogRecordProcessor,
} from '@opentelemetry/sdk-logs'
import { TracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace'
import type { ReadableSpan } from '@opentelemetry/sdk-trace'
import type { StampAttributes } from '@tokentrail/session'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { currentDecision } from '../../src/decision.ts'
import { OAuthLogRecordProcessor } from '../../src/stamps/log-record-processor.ts'
import { OAuthSpanProcessor } from '../../src/stamps/span-processor.ts'
import type { OAuthRecorder, StampFacts } from '../../src/types.ts'
import { KeepingRecorder, send, startRecordedServer, WITH_TOKEN } from '../recorded-server.ts'

const spans = new InMemorySpanExporter()
const logs = new InMemoryLogRecordExporter()
const tracerProvider = new TracerProvider({
  spanProcessors: [new OAuthSpanProcessor(), new SimpleSpanProcessor({ exporter: spans })],
})
const loggerProvider = new LoggerProvider({
  processors: [new OAuthLogRecordProcessor(), new SimpleLogRecordProcessor({ exporter: logs })],
})
const tracer = tracerProvider.getTracer('application')
const logger = loggerProvider.getLogger('application')

const storage = new AsyncLocalStorage<Context>()
const contextManager = {
  active: () => storage.getStore() ?? ROOT_CONTEXT,
  with: (active, fn, self, ...args) =>
    storage.run(active, () => Reflect.apply(fn, self, args) as never),
  bind: (_active, target) => target,
  enable() {
    return this
  },
  disable() {
    return this
  },
} as ContextManager

const identity = { 'oauth.session.id': 'QaInQnUtCl', 'oauth.client.id': 's6BhdRkqt3' }

/** Stamps a verified request with its subject, and the decision once there is a status. */
const recorder = {
  facts: [] as { trace?: string; span?: string; route?: string }[],
  recordRequest(facts: { trace?: string; span?: string; route?: string }): void {
    this.facts.push(facts)
  },
  stamp({ verified, statusCode }: StampFacts): StampAttributes | undefined {
    if (verified === undefined) return undefined
    const decision = statusCode === undefined ? {} : { 'oauth.decision': 'allow' }
    return { ...identity, 'oauth.token.scopes': ['a', 'b'], ...decision }
  },
} satisfies OAuthRecorder & { facts: unknown[] }

/** What an HTTP instrumentation does around the application's listener. */
function traced(listener: RequestListener): RequestListener {
  return (request, response) => {
    const span = tracer.startSpan('GET', { kind: SpanKind.SERVER }, ROOT_CONTEXT)
    const active = setRPCMetadata(trace.setSpan(ROOT_CONTEXT, span), { type: RPCType.HTTP, span })
    response.on('close', () => span.end())
    context.with(active, () => listener(request, response))
  }
}

const verify = (): void =>
  currentDecision()?.addVerified({
    token: 'token-of-the-request',
    method: 'jwt',
    hook: 'test',
    claims: {},
  })

const full = { ...identity, 'oauth.token.scopes': ['a', 'b'], 'oauth.decision': 'allow' }

function findSpan(name: string): ReadableSpan | undefined {
  return spans.getFinishedSpans().find((span) => span.name === name)
}

describe('a stamp', () => {
  beforeAll(() => context.setGlobalContextManager(contextManager))
  afterAll(() => context.disable())
  beforeEach(() => {
    spans.reset()
    logs.reset()
    recorder.facts.length = 0
  })

  it('reaches the server span as a whole, and by identity the other spans and logs of the request', async () => {
    const listener = traced((_, response) => {
      logger.emit({ body: 'before' })
      tracer.startSpan('earlier').end()
      tracer.startActiveSpan('active', (span) => {
        verify()
        span.end()
      })
      tracer.startSpan('later').end()
      logger.emit({ body: 'after' })
      logger.emit({ eventName: 'oauth.request', body: 'ours' })
      response.end()
    })
    const served = await startRecordedServer(listener, { recorder })
    await send(served.port, { headers: WITH_TOKEN })
    await served.close()
    tracer.startSpan('outside').end()

    expect(findSpan('GET')?.attributes).toEqual(full)
    expect(findSpan('active')?.attributes).toEqual(identity)
    expect(findSpan('later')?.attributes).toEqual(identity)
    expect(findSpan('earlier')?.attributes).toEqual({})
    expect(findSpan('outside')?.attributes).toEqual({})
    const byBody = logs.getFinishedLogRecords().map(({ body, attributes }) => [body, attributes])
    expect(byBody).toEqual([
      ['before', {}],
      ['after', identity],
      ['ours', {}],
    ])
    const server = findSpan('GET')?.spanContext()
    expect(recorder.facts).toMatchObject([{ trace: server?.traceId, span: server?.spanId }])
  })

  it('never reaches the spans of another request on the same connection', async () => {
    const listener = traced((request, response) => {
      if (request.headers.authorization !== undefined) verify()
      tracer.startSpan(`inside ${request.url}`).end()
      response.end()
    })
    const served = await startRecordedServer(listener, { recorder })
    await send(served.port, { path: '/one', headers: WITH_TOKEN })
    await send(served.port, { path: '/two' })
    expect(findSpan('inside /one')?.attributes).toEqual(identity)
    expect(findSpan('inside /two')?.attributes).toEqual({})
  })

  it.each([
    [{ stampSpans: false }, [{}, full], identity],
    [{ stampServerSpan: false }, [identity, identity], identity],
    [{ stampServerSpan: false, stampSpans: false }, [{}, {}], identity],
    [{ stampLogs: false }, [identity, full], {}],
  ])('stays off what is switched off: %o', async (switches, onSpans, onLogs) => {
    const listener = traced((_, response) => {
      verify()
      tracer.startSpan('later').end()
      logger.emit({ body: 'after' })
      response.end()
    })
    const served = await startRecordedServer(listener, { recorder, ...switches })
    await send(served.port, { headers: WITH_TOKEN })
    await served.close()
    expect(spans.getFinishedSpans().map(({ attributes }) => attributes)).toEqual(onSpans)
    expect(logs.getFinishedLogRecords()[0]?.attributes).toEqual(onLogs)
  })

  it('names the session as session.id too, where that is switched on and there is none', async () => {
    const theirs = { 'session.id': 'of the browser' }
    const ours = { ...identity, 'session.id': identity['oauth.session.id'] }
    const listener = traced((_, response) => {
      verify()
      tracer.startSpan('ours').end()
      tracer.startSpan('theirs', { attributes: theirs }).end()
      logger.emit({ body: 'ours' })
      logger.emit({ body: 'theirs', attributes: theirs })
      response.end()
    })
    const served = await startRecordedServer(listener, { recorder, stampSessionId: true })
    await send(served.port, { headers: WITH_TOKEN })
    await served.close()
    expect(findSpan('ours')?.attributes).toEqual(ours)
    expect(findSpan('theirs')?.attributes).toEqual({ ...identity, ...theirs })
    expect(findSpan('GET')?.attributes).toEqual({ ...full, ...ours })
    const written = logs.getFinishedLogRecords().map(({ attributes }) => attributes)
    expect(written).toEqual([ours, { ...identity, ...theirs }])
  })

  it('that fails is a fault of ours, and nothing that the request notices', async () => {
    const failing = {
      recordRequest: (): void => {},
      stamp(): never {
        throw new Error('injected')
      },
    }
    const listener = traced((_, response) => {
      verify()
      tracer.startSpan('later').end()
      logger.emit({ body: 'after' })
      response.end('whole')
    })
    const served = await startRecordedServer(listener, { recorder: failing })
    expect((await send(served.port, { headers: WITH_TOKEN })).body).toBe('whole')
    await served.close()
    expect(new Set(served.faults)).toEqual(new Set(['stamp']))
    expect(spans.getFinishedSpans().map(({ attributes }) => attributes)).toEqual([{}, {}])
  })

  it('is not made for a request without spans and log records', async () => {
    const asked = new KeepingRecorder()
    const served = await startRecordedServer(
      (_, response) => {
        verify()
        response.end()
      },
      { recorder: asked },
    )
    await send(served.port, { headers: WITH_TOKEN })
    expect(asked.requests).toHaveLength(1)
    expect(asked.stamps).toEqual([])
  })

  it('is not needed for a record to name the span, nor is the span processor', async () => {
    const plain = new TracerProvider().getTracer('application')
    const ids: string[] = []
    const served = await startRecordedServer(
      (_, response) => {
        const span = plain.startSpan('GET', { kind: SpanKind.SERVER }, ROOT_CONTEXT)
        ids.push(span.spanContext().spanId)
        const metadata = { type: RPCType.HTTP as const, span, route: '/orders/:id' }
        context.with(setRPCMetadata(ROOT_CONTEXT, metadata), () => response.end())
      },
      { recorder },
    )
    await send(served.port, { headers: WITH_TOKEN })
    expect(recorder.facts).toMatchObject([{ span: ids[0], route: '/orders/:id' }])
  })
})
