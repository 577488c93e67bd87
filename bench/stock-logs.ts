import { ROOT_CONTEXT, SeverityNumber, trace, TraceFlags } from '@opentelemetry/api'
import { OTLPLogExporter } from '@opentelemetry/exporter-logs-otlp-http'
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs'
import type { SampleRecord } from './request-record.ts'

/** The stock pipeline with its defaults; endpoint and compression come from the environment. */
export function createStockLogs() {
  const processor = new BatchLogRecordProcessor({ exporter: new OTLPLogExporter() })
  const provider = new LoggerProvider({ processors: [processor] })
  const logger = provider.getLogger('bench')
  return {
    /** Emits what a request's record says, 14 attributes and the span, as an ordinary log record. */
    emit(record: SampleRecord): void {
      const span = { traceId: record.trace, spanId: record.span, traceFlags: TraceFlags.SAMPLED }
      logger.emit({
        context: trace.setSpanContext(ROOT_CONTEXT, span),
        eventName: record.type,
        severityNumber: SeverityNumber.INFO,
        attributes: { ...record.attributes, 'oauth.session.id': record.session },
      })
    },
    flush: (): Promise<void> => provider.forceFlush(),
  }
}
