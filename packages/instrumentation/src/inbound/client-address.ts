import { isIP } from 'node:net'

/** Longest `X-Forwarded-For` that is looked at. */
const MAX_HEADER_LENGTH = 2_048

/**
 * Finds the client's address. Each trusted proxy appends the address of its own peer to
 * `X-Forwarded-For`, so the entry that many places from the right is the last one that nobody
 * outside could choose. What is not an IP address ends the walk at the hop before it.
 *
 * @param peer - Address of the connection's other end; absent for a socket file.
 * @param forwardedFor - The header; several fields joined by commas, as Node does.
 * @param trustedHops - Number of proxies that append to it. With 0 the header is ignored.
 */
export function resolveClientAddress(
  peer: string | undefined,
  forwardedFor: string | undefined,
  trustedHops: number,
): string | undefined {
  let address = peer === undefined ? undefined : toPlainAddress(peer)
  if (trustedHops === 0 || forwardedFor === undefined) return address
  if (forwardedFor.length > MAX_HEADER_LENGTH) return address
  const entries = forwardedFor.split(',')
  for (let hop = 1; hop <= trustedHops; hop += 1) {
    const entry = entries[entries.length - hop]
    const next = entry === undefined ? undefined : parseForwardedEntry(entry.trim())
    if (next === undefined) return address
    address = next
  }
  return address
}

/** An address, with or without a port: `203.0.113.9`, `203.0.113.9:1`, `2001:db8::1`, `[…]:1`. */
function parseForwardedEntry(entry: string): string | undefined {
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(entry)?.[1]
  const withPort = /^([\d.]+):\d+$/.exec(entry)?.[1]
  const address = bracketed ?? withPort ?? entry
  return isIP(address) === 0 ? undefined : toPlainAddress(address)
}

/** IPv4 peers of a dual-stack socket look like `::ffff:203.0.113.9`; a zone id names our interface. */
function toPlainAddress(address: string): string {
  const plain = address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address
  const zone = plain.indexOf('%')
  return zone === -1 ? plain : plain.slice(0, zone)
}
