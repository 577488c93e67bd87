/**
 * A preload: serves one request with a token before the suite begins. A process that has served
 * none is left alone by the hooks, and the suite of a library for tokens serves none of its own.
 */
import { once } from 'node:events'
import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'

const server = createServer((_, response) => response.end())
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const { port } = server.address() as AddressInfo
const headers = { authorization: 'Bearer presented-once', connection: 'close' }
get({ host: '127.0.0.1', port, headers }, (response) => response.resume())
await once(server, 'request')
server.close()
await once(server, 'close')
