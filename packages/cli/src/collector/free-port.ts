import { createServer } from 'node:net'

/**
 * Finds a port that is free on `host` now. Somebody else can take it before it is used; who then
 * fails to listen says so.
 */
export function findFreePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, host, () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      server.close(() => resolve(port))
    })
  })
}
