import type { Platform } from './platform.ts'
import type { Service } from './service.ts'
import type { ServiceStarter } from './services.ts'

/** The programs of the quick start while they run. */
export interface Run {
  readonly traffic: Service
  /** Ends traffic, API and authorization server, in this order; both seal and deliver their logs. */
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
  const target = { endpoint: platform.endpoint, traces, dir }
  const authorizationServer = await starter.authorizationServer(target)
  const api = await starter.api(target)
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
