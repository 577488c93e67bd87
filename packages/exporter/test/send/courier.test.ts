import { expect, it } from 'vitest'
import { Courier, type CourierOptions } from '../../src/send/courier.ts'
import type { WorkerRequest } from '../../src/send/messages.ts'
import { createManualTime } from '../support/manual-time.ts'

const TASK = {
  uuid: 'one',
  directory: 'nowhere',
  control: new SharedArrayBuffer(8),
  adopted: false,
}

/** A courier whose first threads cannot be started. */
function openCourier(failures: number) {
  const time = createManualTime()
  const posted: WorkerRequest[] = []
  const reasons: string[] = []
  let left = failures
  const start: CourierOptions['start'] = () => {
    if (left-- > 0) throw Object.assign(new Error('no thread'), { code: 'EAGAIN' })
    return { post: (request) => posted.push(request), stop: () => Promise.resolve() }
  }
  const courier = new Courier({
    start,
    scheduler: time.scheduler,
    onReport: () => undefined,
    onFailure: (reason) => reasons.push(reason),
    onFault: (error) => {
      throw error
    },
    destination: { url: 'http://127.0.0.1:1', headers: {}, timeoutMillis: 1, compression: 'none' },
    limits: {} as CourierOptions['limits'],
    userAgent: 'test',
  })
  return { courier, time, posted, reasons }
}

it('a thread that cannot be started is started later, and gets every log', () => {
  const { courier, time, posted, reasons } = openCourier(2)
  courier.add(TASK)
  expect(reasons).toEqual(['EAGAIN'])
  time.advance(1_000)
  expect(reasons).toEqual(['EAGAIN', 'EAGAIN'])
  expect(posted).toEqual([])
  time.advance(2_000)
  expect(reasons).toHaveLength(2)
  expect(posted).toEqual([{ type: 'deliver', task: TASK }])
})

it('a thread that cannot be started is not tried again once the courier has stopped', async () => {
  const { courier, time, reasons } = openCourier(9)
  await courier.stop()
  time.advance(3_600_000)
  expect(reasons).toEqual(['EAGAIN'])
})
