import { isIP } from 'node:net'

/**
 * Whether a `Host` header names this server. A web page of another site can point a name of its own
 * at the loopback address (DNS rebinding) and then read everything as its own origin; its requests
 * still carry its own name here.
 *
 * @param allowed - Further names, without port.
 */
export function isAllowedHost(header: string | undefined, allowed: readonly string[]): boolean {
  const name = parseHostName(header)
  if (name === undefined) return false
  return name === 'localhost' || isLoopback(name) || allowed.includes(name)
}

function parseHostName(header: string | undefined): string | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+))(?::\d{1,5})?$/i.exec(header ?? '')
  return (match?.[1] ?? match?.[2])?.toLowerCase()
}

function isLoopback(name: string): boolean {
  return name === '::1' || (isIP(name) === 4 && name.startsWith('127.'))
}
