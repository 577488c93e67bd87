/** Tracing to Zipkin, with the session on every span of a request; a preload of both services. */
import { ZipkinExporter } from '@opentelemetry/exporter-zipkin'
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { NodeSDK } from '@opentelemetry/sdk-node'
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace'
import { startRecording } from '@tokentrail/node'

const recording = startRecording()
const exporter = new ZipkinExporter({ url: `${process.env['ZIPKIN_URL']}/api/v2/spans` })
const sdk = new NodeSDK({
  instrumentations: [recording.instrumentation, new HttpInstrumentation()],
  spanProcessors: [
    recording.spanProcessor,
    new BatchSpanProcessor({ exporter, scheduledDelayMillis: 200 }),
  ],
})
sdk.start()
