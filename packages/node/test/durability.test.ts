import { EventEmitter, once } from 'node:events'
import { readdirSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { expect, it, onTestFinished, vi } from 'vitest'
import { type Disk, nodeDisk } from '@tokentrail/exporter'
import { currentRecording } from '../src/recording.ts'
import { startRecording } from '../src/start-recording.ts'
import type { RecordingOptions } from '../src/settings.ts'
import { createFolder } from './application.ts'

/** A disk whose flushes take as long as the test wants. */
function createSlowDisk() {
  const flushes: (() => void)[] = []
  const disk: Disk = {
    ...nodeDisk,
    syncDataLater: (descriptor, synced) =>
      void flushes.push(() => nodeDisk.syncDataLater(descriptor, synced)),
  }
  return { disk, flushes }
}

function record(
  options: RecordingOptions,
  disk: Disk,
  fallbackFolders: readonly string[] = [],
): string[] {
  const lines: string[] = []
  const exiting = Object.assign(new EventEmitter(), { pid: 0, kill: () => {} })
  const recording = startRecording(
    { directory: createFolder(), endpoint: 'http://127.0.0.1:9/v1/logs', ...options },
    { env: {}, report: (line) => void lines.push(line), exiting, disk, fallbackFolders },
  )
  onTestFinished(async () => void (await recording.shutdown(0)))
  return lines
}

async function serve() {
  const server = createServer((request, response) => {
    const body = request.headers.authorization === undefined ? 'for anybody' : 'for the bearer'
    response.setHeader('content-length', body.length)
    response.write(body.slice(0, 4))
    response.end(body.slice(4))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return (field = '') => {
    const socket = connect(port, '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    let received = ''
    socket.on('data', (data: Buffer) => (received += data.toString()))
    socket.write(`GET / HTTP/1.1\r\nHost: a\r\n${field}\r\n`)
    return () => received
  }
}

const BEARER = 'Authorization: Bearer a-token\r\n'

it('with durability disk no client has its last byte before its record is flushed', async () => {
  const { disk, flushes } = createSlowDisk()
  record({ durability: 'disk' }, disk)
  const ask = await serve()
  const recorded = ask(BEARER)
  await vi.waitFor(() => expect(flushes).toHaveLength(1))
  // What is not recorded waits for nobody; once it has arrived, so would the other have.
  const free = ask()
  await vi.waitFor(() => expect(free()).toMatch(/for anybody$/))
  expect(recorded()).not.toMatch(/for the bearer$/)
  flushes[0]?.()
  await vi.waitFor(() => expect(recorded()).toMatch(/for the bearer$/))
})

it('with durability disk the responses of one group go together', async () => {
  const { disk, flushes } = createSlowDisk()
  record({ durability: 'disk' }, disk)
  const ask = await serve()
  const first = ask(BEARER)
  await vi.waitFor(() => expect(flushes).toHaveLength(1))
  const others = [ask(BEARER), ask(BEARER), ask(BEARER)]
  const free = ask()
  await vi.waitFor(() => expect(free()).toMatch(/for anybody$/))
  flushes[0]?.()
  await vi.waitFor(() => expect(first()).toMatch(/for the bearer$/))
  await vi.waitFor(() => expect(flushes).toHaveLength(2))
  for (const other of others) expect(other()).not.toMatch(/bearer$/)
  flushes[1]?.()
  for (const other of others) await vi.waitFor(() => expect(other()).toMatch(/bearer$/))
})

it('with durability disk a disk that hangs delays a response no longer than the limit', async () => {
  const { disk } = createSlowDisk()
  const lines = record({ durability: 'disk', maxWaitMillis: 50 }, disk)
  const ask = await serve()
  const recorded = ask(BEARER)
  await vi.waitFor(() => expect(recorded()).toMatch(/for the bearer$/))
  expect(lines.some((line) => line.includes('more than 0.05 s to flush'))).toBe(true)
})

it('with durability process no response waits for the disk', async () => {
  const { disk } = createSlowDisk()
  record({}, disk)
  const ask = await serve()
  const recorded = ask(BEARER)
  await vi.waitFor(() => expect(recorded()).toMatch(/for the bearer$/))
})

/** A disk that is full as long as the test wants. */
function createFullDisk() {
  const state = { isFull: false }
  const disk: Disk = {
    ...nodeDisk,
    freeBytes: (path) => (state.isFull ? 0 : nodeDisk.freeBytes(path)),
    write: (...args) => {
      if (state.isFull) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })
      return nodeDisk.write(...args)
    },
  }
  return { disk, state }
}

it('with fail-closed a full disk refuses requests with a token until there is room', async () => {
  const { disk, state } = createFullDisk()
  const lines = record({ failurePolicy: 'fail-closed' }, disk)
  const ask = await serve()
  state.isFull = true
  const first = ask(BEARER)
  await vi.waitFor(() => expect(first()).toMatch(/for the bearer$/))
  const refused = ask(BEARER)
  await vi.waitFor(() => expect(refused()).toMatch(/^HTTP\/1\.1 503 .*Retry-After: \d+\r\n/is))
  const free = ask()
  await vi.waitFor(() => expect(free()).toMatch(/for anybody$/))
  state.isFull = false
  await vi.waitFor(() => expect(lines.at(-1)).toContain('kept again'), { timeout: 10_000 })
  const again = ask(BEARER)
  await vi.waitFor(() => expect(again()).toMatch(/for the bearer$/))
})

it.each([
  ['fail-closed', /^HTTP\/1\.1 503 /],
  ['drop-and-record', /for the bearer$/],
] as const)(
  'with %s a fault of ours at its beginning is answered by %s',
  async (failurePolicy, answer) => {
    const { disk } = createFullDisk()
    record({ failurePolicy }, disk)
    const recording = currentRecording()
    vi.spyOn(recording!.log, 'admits').mockImplementation(() => {
      throw new Error('ours')
    })
    const ask = await serve()
    const received = ask(BEARER)
    await vi.waitFor(() => expect(received()).toMatch(answer))
    const free = ask()
    await vi.waitFor(() => expect(free()).toMatch(/for anybody$/))
  },
)

it('with block a response waits for a full disk, and goes when there is room', async () => {
  const { disk, state } = createFullDisk()
  record({ failurePolicy: 'block' }, disk)
  const ask = await serve()
  state.isFull = true
  const waiting = ask(BEARER)
  const free = ask()
  await vi.waitFor(() => expect(free()).toMatch(/for anybody$/))
  expect(waiting()).not.toMatch(/for the bearer$/)
  state.isFull = false
  await vi.waitFor(() => expect(waiting()).toMatch(/for the bearer$/), { timeout: 10_000 })
})

it('a disk that is full at the start has records kept in memory', async () => {
  const directory = createFolder()
  const memory = createFolder()
  const disk: Disk = {
    ...nodeDisk,
    open: (path, mode) => {
      if (mode === 'create' && path.startsWith(directory)) {
        throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })
      }
      return nodeDisk.open(path, mode)
    },
  }
  const lines = record({ directory }, disk, [memory])
  expect(lines.at(-1)).toMatch(/cannot be written \(ENOSPC\).*KEPT IN MEMORY/)
  const ask = await serve()
  const recorded = ask(BEARER)
  await vi.waitFor(() => expect(recorded()).toMatch(/for the bearer$/))
  const journal = readdirSync(memory, { recursive: true }) as string[]
  expect(journal.some((name) => name.endsWith('.seg'))).toBe(true)
})
