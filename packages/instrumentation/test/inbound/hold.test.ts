import { once } from 'node:events'
import {
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
  createServer,
} from 'node:http'
import { type AddressInfo, type Socket, connect } from 'node:net'
import { expect, it, onTestFinished, vi } from 'vitest'
import { holdUntil } from '../../src/inbound/hold.ts'

interface Served {
  readonly server: Server
  /** Sends text over a connection of its own and collects what comes back. */
  readonly ask: (text: string) => Asked
  /** Waits until another connection has had its answer: whatever was to be sent before was sent. */
  readonly settle: () => Promise<void>
}

interface Asked {
  readonly socket: Socket
  readonly received: () => string
  readonly closed: Promise<unknown>
}

const GET = 'GET /held HTTP/1.1\r\nHost: a\r\n\r\n'

async function serve(listener: RequestListener): Promise<Served> {
  const server = createServer((request, response) => {
    if (request.url === '/other') response.end('other')
    else listener(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const ask = (text: string) => {
    const socket = connect(port, '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    let received = ''
    socket.on('data', (data: Buffer) => (received += data.toString()))
    socket.on('error', () => undefined)
    socket.write(text)
    return { socket, received: () => received, closed: once(socket, 'close') }
  }
  return {
    server,
    ask,
    settle: async () => {
      const other = ask('GET /other HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
      await other.closed
      expect(other.received()).toContain('other')
    },
  }
}

function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open: () => void = () => undefined
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { opened, open }
}

/** What an application can see of the end of its response. */
function observe(response: ServerResponse): string[] {
  const seen: string[] = []
  for (const event of ['prefinish', 'finish', 'close']) response.on(event, () => seen.push(event))
  return seen
}

it('nothing of a held response reaches the client before it is released', async () => {
  const { opened, open } = gate()
  const { ask, settle } = await serve((request, response) => {
    holdUntil(request.socket, opened)
    response.setHeader('content-length', 4)
    response.write('bo')
    response.end('dy')
  })
  const held = ask(GET)
  await settle()
  await settle()
  expect(held.received()).toBe('')
  open()
  await vi.waitFor(() => expect(held.received()).toMatch(/\r\n\r\nbody$/))
})

it('the application sees the same calls return and the same events, in the same order', async () => {
  const run = async (isHeld: boolean) => {
    const { opened, open } = gate()
    const results: unknown[] = []
    let seen: string[] = []
    const { ask, settle } = await serve((request, response) => {
      seen = observe(response)
      if (isHeld) holdUntil(request.socket, opened)
      results.push(response.write('first', () => seen.push('written')))
      results.push(response.end('last', () => seen.push('ended')) === response)
      results.push(response.writableEnded, response.finished)
    })
    const asked = ask(GET)
    await settle()
    open()
    await vi.waitFor(() => expect(asked.received()).toMatch(/last/))
    await vi.waitFor(() => expect(seen).toContain('close'))
    return { results, seen }
  }
  expect(await run(true)).toEqual(await run(false))
})

it('the connection serves the next request as ever', async () => {
  const { opened, open } = gate()
  const answered: (string | undefined)[] = []
  const { ask, settle } = await serve((request: IncomingMessage, response) => {
    if (request.url === '/held') holdUntil(request.socket, opened)
    answered.push(request.url)
    response.end(`answer to ${request.url}`)
  })
  const asked = ask(GET)
  await settle()
  open()
  await vi.waitFor(() => expect(asked.received()).toContain('answer to /held'))
  asked.socket.write('GET /next HTTP/1.1\r\nHost: a\r\n\r\n')
  await vi.waitFor(() => expect(asked.received()).toContain('answer to /next'))
  expect(answered).toEqual(['/held', '/next'])
})

it('pipelined responses wait for the last of them that holds, and keep their order', async () => {
  const gates = [gate(), gate()]
  let served = 0
  const { ask, settle } = await serve((request, response) => {
    const own = gates[served++]
    if (own) holdUntil(request.socket, own.opened)
    response.end(`answer ${served}.`)
  })
  const asked = ask(GET + GET)
  await settle()
  gates[0]?.open()
  await settle()
  expect(asked.received()).not.toContain('answer 2.')
  gates[1]?.open()
  await vi.waitFor(() => expect(asked.received()).toMatch(/answer 1\.[^]*answer 2\./))
})

it('a server that is closed meanwhile still sends what is held', async () => {
  const { opened, open } = gate()
  const { ask, settle, server } = await serve((request, response) => {
    holdUntil(request.socket, opened)
    response.end('kept')
  })
  const held = ask(GET)
  await settle()
  const closed = once(server, 'close')
  server.close()
  open()
  await closed
  await held.closed
  expect(held.received()).toMatch(/kept$/)
})

it('a connection that breaks is given up at once', async () => {
  const { opened } = gate()
  const sockets: Socket[] = []
  const { ask, settle } = await serve((request, response) => {
    sockets.push(request.socket)
    request.socket.on('error', () => undefined)
    holdUntil(request.socket, opened)
    response.end('lost')
  })
  const held = ask(GET)
  await settle()
  sockets[0]?.destroy(new Error('broken'))
  expect(sockets[0]?.destroyed).toBe(true)
  await held.closed
  expect(held.received()).toBe('')
})

it('leaves nothing behind on the connection', async () => {
  const { opened, open } = gate()
  const sockets: Socket[] = []
  const { ask } = await serve((request, response) => {
    sockets.push(request.socket)
    holdUntil(request.socket, opened)
    response.end('done')
  })
  const held = ask(GET)
  await vi.waitFor(() => expect(sockets).toHaveLength(1))
  open()
  await vi.waitFor(() => expect(held.received()).toContain('done'))
  const [socket] = sockets
  expect(Object.hasOwn(socket ?? {}, 'uncork')).toBe(false)
  expect(Object.hasOwn(socket ?? {}, 'destroy')).toBe(false)
  expect(socket?.writableCorked).toBe(0)
})
