import type { ServedSocket } from './served.ts'

/**
 * Asks a socket for the address of its other end, which Node keeps: once the client went away, it
 * would not know any more.
 *
 * @returns The address.
 */
export function rememberPeer(socket: ServedSocket): string | undefined {
  return socket.remoteAddress
}
