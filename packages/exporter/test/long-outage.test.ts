import { expect, it } from 'vitest'
import type { Reply } from '../src/send/answer.ts'
import { temporaryFolder } from './support/folder.ts'
import { createLocalDelivery } from './support/local-delivery.ts'
import { createManualTime } from './support/manual-time.ts'
import { openTestLog, requestDraft } from './support/open.ts'

const SECOND = 1_000
const HOUR_SECONDS = 3_600

it.each<[string, Reply, number]>([
  ['no receiver', { failure: 'ECONNREFUSED' }, 80],
  ['503', { statusCode: 503, body: '' }, 80],
  ['429 that asks for two minutes', { statusCode: 429, body: '', retryAfter: '120' }, 40],
  ['a wrong credential', { statusCode: 401, body: '' }, 80],
  // To find out whether it is some of the records, not the receiver: twice in the hour a batch is
  // taken apart to its last record, at two requests for each of at most 1024.
  ['400 for everything', { statusCode: 400, body: '' }, HOUR_SECONDS],
  ['500 for everything', { statusCode: 500, body: '' }, HOUR_SECONDS],
  ['200 with a page', { statusCode: 200, body: '<html>' }, 80],
])('an hour of %s loses nothing, asks seldom, and ends in order', async (_, reply, most) => {
  const time = createManualTime()
  const delivery = createLocalDelivery(time)
  delivery.reply = reply
  const { clock, monotonicMillis, scheduler } = time
  const { log, health } = openTestLog(
    { directory: temporaryFolder(), minBackoffMillis: 1_000, maxBackoffMillis: 60_000 },
    { clock, monotonicMillis, scheduler, startDelivery: delivery.start },
  )
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  for (let second = 0; second < HOUR_SECONDS; second++) {
    log.append(requestDraft(second))
    time.advance(SECOND)
    await turn()
  }
  expect(delivery.attempts.length).toBeLessThan(most)
  expect(delivery.attempts.length).toBeGreaterThan(10)
  expect(health.filter(({ kind }) => kind === 'delivery-blocked')).toHaveLength(1)
  expect(log.state().undeliveredSeconds).toBeGreaterThan(0.95 * HOUR_SECONDS)
  delivery.accepted.length = 0
  delivery.reply = { statusCode: 200, body: '' }
  for (let second = 0; second < 400 && !log.state().delivered; second++) {
    time.advance(SECOND)
    await turn()
  }
  const indexes = delivery.accepted.map((text) => (JSON.parse(text) as { index: number }).index)
  expect(indexes).toEqual(Array.from({ length: log.state().size }, (_, index) => index))
  expect(log.state()).toMatchObject({ lost: 0, delivered: true, undeliveredSeconds: 0 })
})
