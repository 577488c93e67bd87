import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { startCollector } from './support/collector.ts'
import { temporaryFolder } from './support/folder.ts'
import { openTestLog, requestDraft } from './support/open.ts'

it('a record that is refused after the end is left to the next process, which says so', async () => {
  const directory = temporaryFolder()
  const collector = await startCollector((records) =>
    records.some(({ text }) => text.includes('/v1/orders/7"')) ? 400 : 200,
  )
  const first = openTestLog({ directory, endpoint: 'http://127.0.0.1:9/v1/logs' })
  for (let number = 0; number < 10; number++) first.log.append(requestDraft(number))
  await first.log.shutdown(0)
  const closed = openTestLog({ directory, endpoint: collector.url })
  closed.log.close()
  await collector.until(() => collector.requests.some(({ status }) => status === 400))
  await closed.log.shutdown(500)
  const slot = join(directory, 'journal', 'orders', 'slot-0')
  const parked = join(slot, first.log.origin.split('/')[2] ?? '', 'rejected.ndjson')
  expect(existsSync(parked)).toBe(false)
  const next = openTestLog({ directory, endpoint: collector.url })
  await vi.waitFor(
    () => expect(next.health.map(({ kind }) => kind)).toContain('record-rejected'),
    10_000,
  )
  expect(await next.log.shutdown(10_000)).toBe(true)
  const statements = collector.accepted.filter(
    ({ eventName }) => eventName === 'tokentrail.delivery.rejected',
  )
  expect(statements.map(({ text }) => text.includes(`${first.log.origin}.8`))).toEqual([true])
  expect(readFileSync(parked, 'utf8').trim().split('\n')).toHaveLength(1)
  await collector.close()
})
