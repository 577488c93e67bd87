import { context, logs, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api'
import {
  InMemoryLogRecordExporter,
  LoggerProvider,
  SimpleLogRecordProcessor,
} from '@opentelemetry/sdk-logs'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { currentDecision } from '../../src/decision.ts'
import type { OAuthInstrumentationConfig, OAuthRecorder } from '../../src/types.ts'
import { send, startRecordedServer, WITH_TOKEN } from '../recorded-server.ts'

const spans = new InMemorySpanExporter()
const records = new InMemoryLogRecordExporter()
const identity = { 'oauth.session.id': 'QaInQnUtCl', 'oauth.client.id': 's6BhdRkqt3' }
const recorder: OAuthRecorder = {
  recordRequest() {},
  stamp: ({ verified }) => (verified === undefined ? undefined : identity),
}

beforeAll(() => {
  // As an application builds them that knows nothing of us.
  const spanProcessors = [new SimpleSpanProcessor({ exporter: spans })]
  trace.setGlobalTracerProvider(new TracerProvider({ spanProcessors }))
  const processors = [new SimpleLogRecordProcessor({ exporter: records })]
  logs.setGlobalLoggerProvider(new LoggerProvider({ processors }))
})
afterAll(() => {
  trace.disable()
  logs.disable()
  context.disable()
})

/** Serves one request that makes a span and a log record before and after its token is verified. */
async function serve(config: OAuthInstrumentationConfig = {}): Promise<void> {
  spans.reset()
  records.reset()
  // Made before the first request, as instrumentations do it.
  const tracer = trace.getTracer('application')
  const logger = logs.getLogger('application')
  const served = await startRecordedServer(
    (_, response) => {
      tracer.startSpan('GET', { kind: SpanKind.SERVER }, ROOT_CONTEXT).end()
      logger.emit({ body: 'before' })
      const token = WITH_TOKEN.authorization.slice(7)
      currentDecision()?.addVerified({ token, method: 'jwt', hook: 'test', claims: {} })
      tracer.startSpan('read orders', {}, ROOT_CONTEXT).end()
      logger.emit({
        body: 'after',
        attributes: { own: 1, 'oauth.client.id': 'of the application' },
      })
      logger.emit({ eventName: 'oauth.request' })
      response.end()
    },
    { recorder, ...config },
  )
  await send(served.port, { headers: WITH_TOKEN })
  expect(served.faults).toEqual([])
}

it('stamps spans and log records of an SDK that has no processor of ours', async () => {
  await serve()
  const [server, later] = spans.getFinishedSpans()
  expect(server?.attributes).toEqual({})
  expect(later?.attributes).toEqual(identity)
  const [before, after, own] = records.getFinishedLogRecords()
  expect(before?.attributes).toEqual({})
  expect(after?.attributes).toEqual({
    ...identity,
    own: 1,
    'oauth.client.id': 'of the application',
  })
  expect(own?.attributes).toEqual({})
})

it('leaves alone what it was told to leave alone', async () => {
  await serve({ stampSpans: false, stampLogs: false })
  expect(spans.getFinishedSpans().map(({ attributes }) => attributes)).toEqual([{}, {}])
  expect(records.getFinishedLogRecords()[1]?.attributes).not.toHaveProperty('oauth.session.id')
})

it('does not touch what is made outside of a request', () => {
  spans.reset()
  trace.getTracer('application').startSpan('job').end()
  expect(spans.getFinishedSpans()[0]?.attributes).toEqual({})
})
