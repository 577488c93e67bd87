import { once } from 'node:events'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { PORT_NAMES, UsageError, type PortName, type QuickstartOptions } from './options.ts'

/** One port for every listener. */
export type Ports = Readonly<Record<PortName, number>>

const DEFAULT_PORTS: Ports = {
  collector: 4318,
  viewer: 4319,
  'authorization-server': 4320,
  api: 4321,
}

/** A listener that keeps its port from being chosen twice. */
interface Held {
  readonly server: Server
  readonly port: number
}

async function tryListen(port: number): Promise<Held | undefined> {
  const server = createServer()
  try {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return { server, port: (server.address() as AddressInfo).port }
  } catch {
    return undefined
  }
}

async function choosePort(
  name: PortName,
  asked: number | undefined,
  anyPort: boolean,
  say: (line: string) => void,
): Promise<Held> {
  const wanted = asked ?? (anyPort ? 0 : DEFAULT_PORTS[name])
  const held = await tryListen(wanted)
  if (held !== undefined) return held
  if (asked !== undefined) {
    throw new UsageError(`port ${asked} is in use; choose another with --${name}-port`)
  }
  const other = await tryListen(0)
  if (other === undefined) throw new Error('no port on 127.0.0.1 can be listened on')
  say(`port ${wanted} is in use; the ${name} takes ${other.port} instead`)
  return other
}

/**
 * Chooses a free port for every listener: the one asked for, else the usual one, else any.
 *
 * @throws {UsageError} When a port that was asked for is in use
 */
export async function choosePorts(
  options: QuickstartOptions,
  say: (line: string) => void,
): Promise<Ports> {
  const held: Server[] = []
  const ports: Partial<Record<PortName, number>> = {}
  for (const name of PORT_NAMES) {
    const { server, port } = await choosePort(name, options.ports[name], options.once, say)
    held.push(server)
    ports[name] = port
  }
  await Promise.all(held.map((server) => once(server.close(), 'close')))
  return ports as Ports
}
