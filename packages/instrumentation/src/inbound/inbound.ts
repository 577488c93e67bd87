import type { Capture } from '../capture.ts'
import { captureHttpServers, type InboundHttp } from './http-server.ts'
import { createStreamOpener } from './http2-stream.ts'
import { captureFastifyRoutes } from './routes/fastify.ts'
import { captureServerEvents } from './server-events.ts'
import { createUpgradeOpener } from './upgrade.ts'

/**
 * Starts to record the requests of every server of this process: HTTP/1.1, HTTP/2, upgrades. Routes
 * are learned where frameworks tell of them without a hook into their modules.
 */
export function captureInboundHttp(capture: Capture): InboundHttp {
  const parts = [
    captureHttpServers(capture),
    captureFastifyRoutes(capture.onFault),
    captureServerEvents({
      openStream: createStreamOpener(capture),
      openUpgrade: createUpgradeOpener(capture),
    }),
  ]
  return {
    stop(): void {
      for (const part of parts) part.stop()
    },
  }
}
