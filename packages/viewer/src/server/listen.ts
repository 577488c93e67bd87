import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ViewerError } from '../errors.ts'

/**
 * Binds a server to the loopback address.
 *
 * @param port - 0 takes a free one.
 * @param fallback - Whether to take a free port when this one is in use.
 * @returns The port that was bound.
 * @throws {@link ViewerError} `ERR_VIEWER_ADDRESS_UNAVAILABLE`.
 */
export async function listenOnLoopback(
  server: Server,
  port: number,
  fallback: boolean,
): Promise<number> {
  try {
    return await listen(server, port)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    if (code === 'EADDRINUSE' && fallback) return listen(server, 0)
    throw new ViewerError('ERR_VIEWER_ADDRESS_UNAVAILABLE', explain(code, port), { cause: error })
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: '127.0.0.1', port }, () => {
      server.off('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })
}

function explain(code: string, port: number): string {
  if (code === 'EADDRINUSE') {
    return `port ${port} of the viewer is in use: stop what uses it, or give another port`
  }
  if (code === 'EACCES') {
    return `port ${port} of the viewer needs more rights: give a port from 1024 up`
  }
  return `port ${port} of the viewer cannot be bound (${code}): give another port`
}
