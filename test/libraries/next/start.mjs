import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { announce } from '../authorize.mjs'

/** The server of the standalone build takes no port 0 that it would tell of. */
const probe = createServer().listen(0, '127.0.0.1')
await once(probe, 'listening')
const { port } = probe.address()
await new Promise((resolve) => probe.close(resolve))

process.env.PORT = String(port)
process.env.HOSTNAME = '127.0.0.1'
await import('./.next/standalone/next/server.js')

for (;;) {
  const socket = connect(port, '127.0.0.1')
  const [event] = await Promise.race([
    once(socket, 'connect').then(() => ['connect']),
    once(socket, 'close').then(() => ['close']),
  ]).catch(() => ['error'])
  socket.destroy()
  if (event === 'connect') break
  await new Promise((resolve) => setTimeout(resolve, 50))
}
announce(port)
