import type { X509Certificate } from 'node:crypto'

/** The part of a request that is read, whatever protocol it came by. `IncomingMessage` fits. */
export interface ServedRequest {
  readonly method?: string | undefined
  /** Target as the client sent it (RFC 9112 §3.2), query included. */
  readonly url?: string | undefined
  /** Fields under lower-case names; several of one name joined or in a list, as Node does. */
  readonly headers: { readonly [name: string]: string | readonly string[] | undefined }
  /** The connection; gone once an HTTP/2 session is. */
  readonly socket: ServedSocket | undefined
}

/** The part of a connection that is read. `net.Socket` and `tls.TLSSocket` fit. */
export interface ServedSocket {
  readonly remoteAddress?: string | undefined
  /** Only with TLS: the certificate of the other end, if it sent one. */
  getPeerX509Certificate?(): X509Certificate | undefined
}

/** The part of a response that is read, whatever protocol it goes by. `ServerResponse` fits. */
export interface ServedResponse {
  /** Whether status and fields are settled; from then on they are on their way. */
  readonly headersSent: boolean
  readonly statusCode: number
  /** Gives a field by its lower-case name. */
  getHeader(name: string): unknown
}

/** Gives a request field that has one value; of several the first. */
export function readField({ headers }: ServedRequest, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'object' ? value[0] : value
}
