import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { startProgram, type Program } from './program.ts'
import { ROOT } from './run.ts'

/** Secrets of one run, made anew. */
export interface Secrets {
  readonly password: string
  readonly ordersApi: string
  readonly nightlyExport: string
}

/** An example program that listens. */
export interface Service extends Program {
  readonly url: string
}

const makeSecret = () => randomBytes(24).toString('base64url')

/** Makes the secrets that the example programs share. */
export function makeSecrets(): Secrets {
  return { password: makeSecret(), ordersApi: makeSecret(), nightlyExport: makeSecret() }
}

async function serve(name: string, args: string[], env: Record<string, string>): Promise<Service> {
  const cwd = join(ROOT, 'examples', name)
  const program = startProgram([...args, 'src/main.ts'], { cwd, env: { PORT: '0', ...env } })
  const [, url = ''] = await program.prints(/listening on (http:\S+)/)
  return { ...program, url }
}

/** Starts the example authorization server. */
export function startAuthorizationServer(secrets: Secrets): Promise<Service> {
  return serve('authorization-server', [], {
    SIGN_IN_PASSWORD: secrets.password,
    ORDERS_API_CLIENT_SECRET: secrets.ordersApi,
    NIGHTLY_EXPORT_CLIENT_SECRET: secrets.nightlyExport,
  })
}

/**
 * Starts the example API, recorded by the preload alone.
 *
 * @param isTraced - Whether it has its own tracing too.
 */
export function startOrdersApi(
  secrets: Secrets,
  issuer: string,
  env: Record<string, string>,
  isTraced = false,
): Promise<Service> {
  const tracing = isTraced ? ['--import', './src/telemetry.ts'] : []
  return serve('orders-api', [...tracing, '--import', '@tokentrail/node/register'], {
    ISSUER: issuer,
    ORDERS_API_CLIENT_SECRET: secrets.ordersApi,
    ...env,
  })
}
