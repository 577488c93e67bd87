import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Child } from './children.ts'
import type { Ports } from './ports.ts'
import { startService, type Service } from './service.ts'

/** Where a service's telemetry goes and which keys its recorder uses. */
export interface RecordingTarget {
  /** OTLP/HTTP endpoint without `/v1/logs`. */
  readonly endpoint: string
  /** Whether the endpoint takes traces too; the embedded receiver takes logs only. */
  readonly traces: boolean
  /** Folder of journals and keys (`TOKENTRAIL_DIR`): one key, so that both name one session. */
  readonly dir: string
}

/** Starts the programs of the quick start; every secret is made anew and never leaves memory. */
export interface ServiceStarter {
  authorizationServer(target: RecordingTarget): Promise<Service>
  api(target: RecordingTarget): Promise<Service>
  traffic(once: boolean): Promise<Service>
}

const EXAMPLES = join(import.meta.dirname, '..', '..')
const LISTENING = / listening on http:/

const makeSecret = () => randomBytes(24).toString('base64url')

/** What records a service, without a change to it. */
const RECORDED = ['--import', '@tokentrail/node/register']

/** Environment of a service that is recorded by Tokentrail. */
function recordedEnv(service: string, target: RecordingTarget): Record<string, string> {
  return {
    OTEL_SERVICE_NAME: service,
    OTEL_EXPORTER_OTLP_ENDPOINT: target.endpoint,
    TOKENTRAIL_DIR: target.dir,
    TOKENTRAIL_SLOT: service,
    TOKENTRAIL_CONFIG: join(EXAMPLES, 'quickstart', 'tokentrail.yaml'),
  }
}

/** Environment of a service that exports traces as well. */
function tracedEnv(target: RecordingTarget): Record<string, string> {
  return {
    OTEL_TRACES_EXPORTER: target.traces ? 'otlp' : 'none',
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_BSP_SCHEDULE_DELAY: '500',
    // Spans that nobody takes must not keep the API from ending: the default is to try for 10 s.
    OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '2000',
  }
}

/** Makes the secrets of this run and the functions that start its programs. */
export function createServiceStarter(
  ports: Ports,
  say: (line: string) => void,
  onStart: (child: Child) => void,
): ServiceStarter {
  const issuer = `http://127.0.0.1:${ports['authorization-server']}`
  const password = makeSecret()
  const ordersApiSecret = makeSecret()
  const nightlyExportSecret = makeSecret()
  const start = (name: string, args: string[], env: Record<string, string>, ready?: RegExp) =>
    startService({
      name,
      args,
      cwd: join(EXAMPLES, name),
      env,
      say,
      onStart,
      ...(ready !== undefined && { ready }),
    })
  return {
    authorizationServer: (target) =>
      start(
        'authorization-server',
        [...RECORDED, 'src/main.ts'],
        {
          PORT: String(ports['authorization-server']),
          SIGN_IN_PASSWORD: password,
          ORDERS_API_CLIENT_SECRET: ordersApiSecret,
          NIGHTLY_EXPORT_CLIENT_SECRET: nightlyExportSecret,
          ...recordedEnv('authorization-server', target),
        },
        LISTENING,
      ),
    api: (target) =>
      start(
        'orders-api',
        ['--import', './src/telemetry.ts', ...RECORDED, 'src/main.ts'],
        {
          PORT: String(ports.api),
          ISSUER: issuer,
          ORDERS_API_CLIENT_SECRET: ordersApiSecret,
          ...recordedEnv('orders-api', target),
          ...tracedEnv(target),
        },
        LISTENING,
      ),
    traffic: (once) =>
      start('traffic', ['src/main.ts', ...(once ? ['--once'] : [])], {
        ISSUER: issuer,
        API: `http://127.0.0.1:${ports.api}`,
        SIGN_IN_PASSWORD: password,
        NIGHTLY_EXPORT_CLIENT_SECRET: nightlyExportSecret,
      }),
  }
}
