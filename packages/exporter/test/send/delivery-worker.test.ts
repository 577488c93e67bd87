import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { resolveExporterOptions } from '@tokentrail/exporter'
import type { Disk } from '../../src/disk/disk.ts'
import { nodeDisk } from '../../src/disk/node-disk.ts'
import { readCursor } from '../../src/journal/cursor.ts'
import { formatEnvelope } from '../../src/journal/envelope.ts'
import { logPaths, segmentPath } from '../../src/journal/layout.ts'
import { nodeScheduler } from '../../src/scheduler.ts'
import { LogControl } from '../../src/send/control.ts'
import { DeliveryWorker } from '../../src/send/delivery-worker.ts'
import { createHttpTransport } from '../../src/send/http-transport.ts'
import type { WorkerReport } from '../../src/send/messages.ts'
import { startCollector } from '../support/collector.ts'
import { createFaultyDisk } from '../support/faulty-disk.ts'
import { temporaryFolder } from '../support/folder.ts'
import { segment } from '../support/journal-bytes.ts'

const UUIDS = ['01a20a23-1100-7c3e-9d0b-00000000000a', '01a20a23-1100-7c3e-9d0b-00000000000b']

/** A record as a log keeps it, so far as a receiver looks at it. */
function text(number: number): string {
  return `record ${number}`
}

async function start(disk: Disk = nodeDisk) {
  const collector = await startCollector()
  onTestFinished(() => collector.close())
  const reports: WorkerReport[] = []
  const { destination, limits } = resolveExporterOptions(
    { endpoint: collector.url, minBackoffMillis: 1, maxBackoffMillis: 5, batchDelayMillis: 0 },
    {},
  )
  const worker = new DeliveryWorker(
    {
      destination,
      limits,
      userAgent: 'test',
      sleeping: new SharedArrayBuffer(4),
      refused: new SharedArrayBuffer(4),
    },
    {
      disk,
      nowMillis: () => Date.now(),
      random: () => 0,
      scheduler: nodeScheduler,
      createTransport: () => createHttpTransport(destination, 'test'),
      report: (report) => reports.push(report),
    },
  )
  const folder = temporaryFolder()
  const leave = (uuid: string, records: number, segments = 1) => {
    const directory = join(folder, uuid)
    mkdirSync(directory)
    writeFileSync(
      logPaths(directory).envelope,
      formatEnvelope({ 'service.name': 'orders' }, { name: 'test' }),
    )
    let end = { segment: 0, offset: 0 }
    for (let part = 0; part < segments; part++) {
      const texts = Array.from({ length: records }, (_, n) => text(part * records + n))
      const bytes = segment(texts, part * records)
      writeFileSync(segmentPath(directory, part * records), bytes)
      end = { segment: part * records, offset: bytes.length }
    }
    const control = new LogControl()
    control.commit(end)
    control.close()
    return { directory, control, task: { uuid, directory, control: control.buffer } }
  }
  const texts = () => collector.seen.map((record) => record.text)
  const done = (uuid: string) =>
    vi.waitFor(() => expect(reports).toContainEqual({ type: 'done', uuid }), 10_000)
  return { worker, collector, reports, leave, texts, done }
}

describe('the delivery worker', () => {
  it('delivers other logs while the files of one cannot be used, and that one afterwards', async () => {
    const { worker, reports, leave, done } = await start()
    const [first = '', second = ''] = UUIDS
    const broken = leave(first, 3)
    const sound = leave(second, 3)
    mkdirSync(logPaths(broken.directory).cursor)
    worker.handle({ type: 'deliver', task: { ...broken.task, adopted: true } })
    worker.handle({ type: 'deliver', task: { ...sound.task, adopted: true } })
    await done(second)
    expect(reports).toContainEqual({ type: 'failed', uuid: first, code: 'EISDIR' })
    nodeDisk.removeDirectory(logPaths(broken.directory).cursor)
    await done(first)
    expect(broken.control.isDelivered()).toBe(true)
  })

  it('delivers on a disk that is full, and moves a cursor that was there before', async () => {
    const disk = createFaultyDisk()
    const { worker, leave, done, texts } = await start(disk)
    const [first = '', second = ''] = UUIDS
    const known = leave(first, 3)
    const fresh = leave(second, 3)
    writeFileSync(logPaths(known.directory).cursor, Buffer.alloc(64))
    disk.room = 0
    worker.handle({ type: 'deliver', task: { ...known.task, adopted: false } })
    worker.handle({ type: 'deliver', task: { ...fresh.task, adopted: false } })
    await done(first)
    await done(second)
    expect(texts()).toHaveLength(6)
    expect(readCursor(nodeDisk, logPaths(known.directory).cursor)).toEqual(
      known.control.committed(),
    )
  })

  it('passes over a part that the disk does not give, and reports it', async () => {
    let bad: number | undefined
    const disk: Disk = {
      ...nodeDisk,
      open: (path, mode) => {
        const descriptor = nodeDisk.open(path, mode)
        if (path.endsWith('0000000000000003.seg')) bad = descriptor
        else if (bad === descriptor) bad = undefined
        return descriptor
      },
      read: (descriptor, ...rest) => {
        if (descriptor === bad) throw Object.assign(new Error('EIO'), { code: 'EIO' })
        return nodeDisk.read(descriptor, ...rest)
      },
    }
    const { worker, reports, leave, done, texts } = await start(disk)
    const [uuid = ''] = UUIDS
    const log = leave(uuid, 3, 3)
    worker.handle({ type: 'deliver', task: { ...log.task, adopted: true } })
    await done(uuid)
    expect(texts()).toEqual([0, 1, 2, 6, 7, 8].map(text))
    expect(reports.filter(({ type }) => type === 'damage')).toMatchObject([
      { damage: { segment: '0000000000000003.seg', offset: 64, length: expect.any(Number) } },
    ])
  })

  it('counts what it has delivered', async () => {
    const { worker, leave, done } = await start()
    const [uuid = ''] = UUIDS
    const log = leave(uuid, 7)
    worker.handle({ type: 'deliver', task: { ...log.task, adopted: true } })
    await done(uuid)
    expect(log.control.deliveredFrames()).toBe(7)
  })
})

describe('a connection that the receiver closed meanwhile', () => {
  it('costs no pause: the request goes at once over another', async () => {
    const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}'
    const sockets: Socket[] = []
    let requests = 0
    const server = createServer((socket) => {
      sockets.push(socket)
      socket.on('error', () => undefined)
      let first = true
      socket.on('data', () => {
        requests++
        // The second request on a connection finds it closed.
        if (first) socket.write(answer)
        else socket.resetAndDestroy()
        first = false
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
    const { port } = server.address() as AddressInfo
    const { destination } = resolveExporterOptions(
      { endpoint: `http://127.0.0.1:${port}/v1/logs` },
      {},
    )
    const transport = createHttpTransport(destination, 'test')
    onTestFinished(() => transport.close())
    for (let round = 0; round < 3; round++) {
      expect(await transport.send(Buffer.from('{}'))).toMatchObject({ statusCode: 200 })
    }
    expect(requests).toBe(5)
  })
})
