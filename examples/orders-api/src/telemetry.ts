/** Tracing as any service sets it up; load it with `--import` before the application. */
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http'
import { NodeSDK } from '@opentelemetry/sdk-node'

const sdk = new NodeSDK({ instrumentations: [new HttpInstrumentation()] })
sdk.start()

process.once('beforeExit', () => {
  void sdk.shutdown().catch(() => undefined)
})
