import type { Writable } from 'node:stream'

/** The part that is used of what Node keeps of a stream in its HTTP/2 library. */
interface NativeStream {
  respond(fields: unknown, options: number): number
}

/** `STREAM_OPTION_EMPTY_PAYLOAD` of Node's HTTP/2: the header has END_STREAM. */
const EMPTY_PAYLOAD = 1

type Handles = Writable & { readonly [name: symbol]: NativeStream | undefined }

/**
 * Puts off the header of an HTTP/2 response that is nothing but a header (END_STREAM on HEADERS),
 * from now on until the function that is returned is called.
 *
 * To the application it is as sent as ever: Node checks the fields, sets `headersSent` and
 * `sentHeaders` and ends the stream before it hands the header to its library, and that one call is
 * put off. Node offers no place for it, so it is found by the name of a symbol, `kHandle`; where
 * there is none of that name nothing is put off. A header that a body may follow, or a file, goes
 * at once: there it is the end that waits.
 */
export function holdHeader(stream: Writable): () => void {
  const symbol = Object.getOwnPropertySymbols(stream).find(isHandle)
  const handle = symbol && (stream as Handles)[symbol]
  if (symbol === undefined || handle === undefined) return () => undefined
  let held: unknown
  Object.defineProperty(handle, 'respond', {
    value: (fields: unknown, options: number): number => {
      if ((options & EMPTY_PAYLOAD) === 0) return callNative(handle, fields, options)
      held = [fields, options]
      return 0
    },
    configurable: true,
  })
  return () => {
    Reflect.deleteProperty(handle, 'respond')
    if (held === undefined) return
    // What was destroyed meanwhile has let go of it; to respond there would end the process.
    if (stream.destroyed || (stream as Handles)[symbol] !== handle) return
    const [fields, options] = held as [unknown, number]
    const code = callNative(handle, fields, options)
    if (code < 0) stream.destroy(toError(code))
  }
}

function isHandle(symbol: symbol): boolean {
  return symbol.description === 'kHandle'
}

function callNative(handle: NativeStream, fields: unknown, options: number): number {
  const respond = Reflect.get(Object.getPrototypeOf(handle) as object, 'respond', handle) as (
    ...args: unknown[]
  ) => number
  return Reflect.apply(respond, handle, [fields, options])
}

/** As Node tells of what its HTTP/2 library refuses. */
function toError(errno: number): Error {
  const error = new Error(`HTTP/2 refused the response (${errno})`)
  return Object.assign(error, { code: 'ERR_HTTP2_ERROR', errno })
}
