import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { expect, it, vi } from 'vitest'
import { resolveExporterOptions } from '@tokentrail/exporter'
import { nodeDisk } from '../../src/disk/node-disk.ts'
import { formatEnvelope } from '../../src/journal/envelope.ts'
import { logPaths, segmentPath } from '../../src/journal/layout.ts'
import { nodeScheduler } from '../../src/scheduler.ts'
import { LogControl } from '../../src/send/control.ts'
import { DeliveryWorker } from '../../src/send/delivery-worker.ts'
import type { WorkerReport } from '../../src/send/messages.ts'
import { temporaryFolder } from '../support/folder.ts'
import { segment } from '../support/journal-bytes.ts'

const UUID = '01a20a23-1100-7c3e-9d0b-00000000000a'

/** A closed log, of which a receiver refuses the second record for good. */
function leaveLog() {
  const directory = temporaryFolder()
  const envelope = formatEnvelope({ 'service.name': 'orders' }, { name: 'test' })
  writeFileSync(logPaths(directory).envelope, envelope)
  const bytes = segment(['record 0', 'poison', 'record 2'])
  writeFileSync(segmentPath(directory, 0), bytes)
  const control = new LogControl()
  control.commit({ segment: 0, offset: bytes.length })
  control.close()
  return { directory, control }
}

it('parks a refused record only once its log says so, however often it is refused', async () => {
  const { directory, control } = leaveLog()
  const parked = logPaths(directory).rejected
  const { destination, limits } = resolveExporterOptions({ batchDelayMillis: 0 }, {})
  const reports: WorkerReport[] = []
  const count = (type: WorkerReport['type']) =>
    reports.filter((report) => report.type === type).length
  const worker = new DeliveryWorker(
    {
      destination,
      limits,
      userAgent: 'test',
      sleeping: new SharedArrayBuffer(4),
      refused: new SharedArrayBuffer(4),
    },
    {
      disk: nodeDisk,
      nowMillis: () => 0,
      random: () => 0,
      // What is waited for seconds here is over in a moment.
      scheduler: (callback, millis) => nodeScheduler(callback, Math.min(millis, 10)),
      createTransport: () => ({
        send: (body) => {
          const isPoisoned = gunzipSync(body).includes('poison')
          return Promise.resolve({ statusCode: isPoisoned ? 400 : 200, body: '' })
        },
        close: () => undefined,
      }),
      report: (report) => reports.push(report),
    },
  )
  const task = { uuid: UUID, directory, control: control.buffer, adopted: false }
  worker.handle({ type: 'deliver', task })
  await vi.waitFor(() => expect(count('rejected')).toBeGreaterThan(1), 10_000)
  expect(reports).toContainEqual({ type: 'failed', uuid: UUID, code: 'UNSTATED' })
  expect(existsSync(parked)).toBe(false)
  const stating = setInterval(() => worker.handle({ type: 'stated' }), 1)
  await vi.waitFor(() => expect(count('done')).toBe(1), 10_000)
  clearInterval(stating)
  expect(readFileSync(parked, 'utf8')).toContain('poison')
})
