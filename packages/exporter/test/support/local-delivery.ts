import { gunzipSync } from 'node:zlib'
import type { Disk } from '../../src/disk/disk.ts'
import { nodeDisk } from '../../src/disk/node-disk.ts'
import type { Reply } from '../../src/send/answer.ts'
import type { StartDelivery } from '../../src/send/delivery-thread.ts'
import { DeliveryWorker } from '../../src/send/delivery-worker.ts'
import type { ManualTime } from './manual-time.ts'

export interface LocalDelivery {
  readonly start: StartDelivery
  /** What the receiver answers. */
  reply: Reply
  /** Canonical texts of what it has accepted, in order. */
  readonly accepted: string[]
  /** When it was asked, in milliseconds of the monotonic clock. */
  readonly attempts: number[]
}

interface Wire {
  readonly resourceLogs: readonly {
    readonly scopeLogs: readonly {
      readonly logRecords: readonly { readonly body: { readonly stringValue: string } }[]
    }[]
  }[]
}

/** Delivery in this thread, over time that the test lets pass, to a receiver that is a variable. */
export function createLocalDelivery(time: ManualTime, disk: Disk = nodeDisk): LocalDelivery {
  const delivery: LocalDelivery = {
    accepted: [],
    attempts: [],
    reply: { statusCode: 200, body: '' },
    start: (configuration, events) => {
      const worker = new DeliveryWorker(configuration, {
        disk,
        nowMillis: () => Number(time.clock.unixNanos() / 1_000_000n),
        random: () => 1,
        scheduler: time.scheduler,
        createTransport: () => ({
          send: async (body) => {
            const { reply } = delivery
            delivery.attempts.push(time.monotonicMillis())
            if ('statusCode' in reply && reply.statusCode === 200) {
              delivery.accepted.push(...parse(body))
            }
            return reply
          },
          close: () => undefined,
        }),
        report: events.report,
      })
      return { post: (request) => worker.handle(request), stop: () => Promise.resolve() }
    },
  }
  return delivery
}

function parse(body: Uint8Array): string[] {
  const { resourceLogs } = JSON.parse(gunzipSync(body).toString('utf8')) as Wire
  return resourceLogs.flatMap(({ scopeLogs }) =>
    scopeLogs.flatMap(({ logRecords }) => logRecords.map(({ body }) => body.stringValue)),
  )
}
