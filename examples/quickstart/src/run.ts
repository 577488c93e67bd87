import type { Platform } from './platform.ts'
import type { Service } from './service.ts'
import type { ServiceStarter } from './services.ts'

/** The programs of the quick start while they run. */
export interface Run {
  readonly traffic: Service
  /** Ends traffic and API, in this order; the API seals its log and delivers it. */
  stop(): Promise<void>
}

/** Starts authorization server, API and traffic, in this order. */
export async function startRun(
  starter: ServiceStarter,
  platform: Platform,
  dir: string,
  once: boolean,
): Promise<Run> {
  const traces = platform.collector === 'otelcol'
  const authorizationServer = await starter.authorizationServer()
  const api = await starter.api({ endpoint: platform.endpoint, traces, dir })
  const traffic = await starter.traffic(once)
  return {
    traffic,
    stop: async () => {
      await traffic.stop()
      await api.stop()
      await authorizationServer.stop()
    },
  }
}
